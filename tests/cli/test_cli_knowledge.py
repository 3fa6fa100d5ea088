"""`qstill knowledge` for raw inputs, and teachers from files and tables in recipes, on the golden models of
tests/golden/models. What OpenVINO runs is tested where it is installed."""
import hashlib
import json
import os
import struct
import unittest
import zipfile
from pathlib import Path

import program
from program import CloudTest, ProgramTest, SOURCE, environment

MODELS = SOURCE / "tests/golden/models"
GOLDEN = {entry["file"]: entry for entry in json.loads((MODELS / "models.json").read_text())["models"]}


def rows_of(values, width):
    return [values[i:i + width] for i in range(0, len(values), width)]


def golden(name):
    """Inputs and scores of a model, as rows."""
    entry = GOLDEN[name]
    return rows_of(entry["x"], len(entry["x"]) // 5), rows_of(entry["scores"], len(entry["scores"]) // 5)


def find_openvino():
    """Where it is, or None: so too for a program with AddressSanitizer, which OpenVINO does not run under."""
    if b"__asan_init" in Path(program.PROGRAM).read_bytes():
        return None
    here = SOURCE / "build/openvino"
    return os.environ.get("QSTILL_OPENVINO") or (str(here) if here.exists() else None)


class Scores(ProgramTest):
    def scores(self, name, *more, out="s.npy", **options):
        return self.qstill("knowledge", "--teacher", MODELS / name, "--data", "x.npy", "--out", out, "--quiet", *more,
                           **options)

    def put(self, name, kind="<f4"):
        self.write_npy("x.npy", golden(name)[0], kind)

    def put_shaped(self, name, shape):
        """The inputs with all their dimensions."""
        values = GOLDEN[name]["x"]
        self.write("x.npy", program.npy_header("<f4", shape) + struct.pack(f"<{len(values)}f", *values))

    def assert_scores(self, name, out="s.npy"):
        for row, expected in zip(self.read_npy(out), golden(name)[1]):
            for mine, theirs in zip(row, expected, strict=True):
                self.assertLessEqual(abs(mine - theirs), 1e-5 * max(1, abs(theirs)), name)

    def test_models_of_our_own_reader(self):
        for name in ("torch_mlp.onnx", "keras_cnn_rgb.onnx", "sklearn_mlp.onnx", "torch_external.onnx"):
            self.put(name)
            answer = self.scores(name, "--json", "--force").json
            self.assert_scores(name)
            self.assertEqual(answer, json.loads((self.folder / "s.json").read_text()))
            self.assertEqual(answer["format"], "qstill-scores/1")
            self.assertEqual((answer["kind"], answer["rows"]), (GOLDEN[name]["kind"], 5))
            self.assertEqual(answer["teacher"]["run_by"], "qstill")
            self.assertEqual(answer["teacher"]["inputs"], GOLDEN[name]["shape"])
            self.assertEqual(self.scores(name, "--force").out, f"s.npy: 5 rows of 3 scores ({GOLDEN[name]['kind']})\n")

    def test_provenance(self):
        name = "torch_cnn.onnx"
        self.put(name, "<f8")
        answer = self.scores(name, "--json").json
        self.assertEqual(answer["teacher"]["sha256"], hashlib.sha256((MODELS / name).read_bytes()).hexdigest())
        values = [value for row in self.read_npy("s.npy") for value in row]
        self.assertEqual(answer["scores_sha256"], hashlib.sha256(struct.pack(f"<{len(values)}d", *values)).hexdigest())
        values = GOLDEN[name]["x"]
        self.assertEqual(answer["inputs_sha256"], hashlib.sha256(struct.pack(f"<{len(values)}d", *values)).hexdigest())

    def test_single_and_double_precision_and_shapes(self):
        name = "keras_cnn_rgb.onnx"
        self.put_shaped(name, (5, 6, 6, 3))
        self.scores(name)
        self.put(name)
        self.scores(name, out="flat.npy")
        self.assertEqual(self.read_npy("s.npy"), self.read_npy("flat.npy"))
        self.put_shaped(name, (5, 3, 6, 6))
        self.refused(5, r"x\.npy: rows of 3 x 6 x 6: the model takes 6 x 6 x 3", "knowledge", "--teacher", MODELS / name,
                     "--data", "x.npy", "--out", "t.npy")
        self.write_npy("x.npy", [[1.0, 2.0]])
        self.refused(5, r"x\.npy: rows of 2: the model takes 6 x 6 x 3", "knowledge", "--teacher", MODELS / name, "--data",
                     "x.npy", "--out", "t.npy")
        self.assertFalse((self.folder / "t.npy").exists() or (self.folder / "t.json").exists())

    def test_csv_and_threads(self):
        name = "torch_gelu.onnx"
        self.write("x.csv", "\n".join(",".join(map(repr, row)) for row in golden(name)[0]) + "\n")
        lines = set()
        for threads in (1, 2, 5):
            self.qstill("knowledge", "--teacher", MODELS / name, "--data", "x.csv", "--out", f"{threads}.csv", "--threads",
                        threads, "--quiet")
            lines.add((self.folder / f"{threads}.csv").read_text())
        self.assertEqual(len(lines), 1)
        text = (self.folder / "x.csv").read_bytes()
        self.qstill("knowledge", "--teacher", MODELS / name, "--data", "-", "--out", "in.csv", "--quiet", stdin=text)
        self.assertIn((self.folder / "in.csv").read_text(), lines)

    def test_the_kind(self):
        self.put("torch_softmax.onnx")
        self.assertEqual(self.scores("torch_softmax.onnx", "--json").json["kind"], "probability")
        for row in self.read_npy("s.npy"):
            self.assertLess(abs(sum(row) - 1), 1e-12)
        self.assertEqual(self.scores("torch_softmax.onnx", "--json", "--force", "--kind", "probability").json["kind"],
                         "probability")
        self.put("torch_mlp.onnx")
        self.assertEqual(self.scores("torch_mlp.onnx", "--json", "--force").json["kind"], "logit")
        self.put("torch_log_softmax.onnx")
        self.assertEqual(self.scores("torch_log_softmax.onnx", "--json", "--force").json["kind"], "log_probability")
        command = ["knowledge", "--data", "x.npy", "--out", "t.npy", "--teacher"]
        self.refused(3, r"qstill: x\.npy: .*its scores are no probabilities: row 0", *command, MODELS / "torch_mlp.onnx",
                     "--kind", "probability")
        self.refused(3, r"no expectation values", *command, MODELS / "torch_log_softmax.onnx", "--kind", "expectation")
        self.refused(3, r"these are probabilities, not logits", *command, MODELS / "torch_softmax.onnx", "--kind", "logit")
        self.refused(2, r"--kind: soft is none of logit, log_probability, probability, expectation$", *command,
                     MODELS / "torch_mlp.onnx", "--kind", "soft")

    def test_files_that_are_there(self):
        name = "torch_mlp.onnx"
        self.put(name)
        self.scores(name)
        self.refused(7, r"s\.npy: exists already", "knowledge", "--teacher", MODELS / name, "--data", "x.npy", "-o", "s.npy")
        self.write("t.json", "precious")
        self.refused(7, r"t\.json: exists already", "knowledge", "--teacher", MODELS / name, "--data", "x.npy", "-o", "t.npy")
        self.assertEqual((self.folder / "t.json").read_text(), "precious")
        self.refused(2, r"is also an input", "knowledge", "--teacher", MODELS / name, "--data", "x.npy", "-o", "x.npy",
                     "--force")
        self.refused(2, r"does not end in \.npy or \.csv", "knowledge", "--teacher", MODELS / name, "--data", "x.npy",
                     "-o", "k")
        self.refused(7, r"nowhere\.npy", "knowledge", "--teacher", MODELS / name, "--data", "nowhere.npy", "-o", "z.npy")

    def test_what_it_says(self):
        self.put("torch_mlp.onnx")
        self.assertRegex(self.scores("torch_mlp.onnx").out, r"^s\.npy: \d+ rows of 3 scores \(logit\)\n$")
        self.write_npy("one.npy", [0] * 8, "<f4")
        self.refused(5, r"one\.npy: rows of 1: the model takes 8; a single row is an array of 1 x 8", "knowledge", "--teacher",
                     MODELS / "torch_mlp.onnx", "--data", "one.npy", "--out", "t.npy")
        self.write("run/report.json", "{}")
        self.refused(7, r"run: is the folder of a run, not of a model: name one in it, such as seed-1/teacher", "knowledge",
                     "--teacher", "run", "--data", "x.npy", "--out", "t.npy")

    def test_teachers_that_are_none(self):
        self.put("torch_mlp.onnx")
        command = ["knowledge", "--data", "x.npy", "--out", "t.npy", "--teacher"]
        self.write("empty/file", "")
        self.write("m.pt", "PK")
        self.write("m.onnx", "this is no model")
        self.write("cut.onnx", (MODELS / "torch_mlp.onnx").read_bytes()[:500])
        self.refused(7, r"nowhere: cannot be opened", *command, "nowhere")
        self.refused(7, r"empty: holds neither model\.json", *command, "empty")
        self.refused(2, r"m\.pt: is no model that is read: .*torch\.onnx\.export", *command, "m.pt")
        self.refused(3, r"m\.onnx: byte \d+: not a well-formed model", *command, "m.onnx")
        self.refused(3, r"cut\.onnx: byte \d+: not a well-formed model", *command, "cut.onnx")

    def test_without_openvino(self):
        nowhere = environment(QSTILL_OPENVINO=str(self.folder / "none"))
        for name in ("mlp.tflite", "saved_model", "torch_residual.onnx"):
            self.put(name)
            self.refused(7, r"QSTILL_OPENVINO: .*none: there is no libopenvino_c\.so in it", "knowledge", "--teacher",
                         MODELS / name, "--data", "x.npy", "--out", "t.npy", env=nowhere)
        bare = environment(QSTILL_OPENVINO=None, PATH="/nowhere")
        done = self.qstill_any("knowledge", "--teacher", MODELS / "mlp.tflite", "--data", "x.npy", "--out", "t.npy", env=bare)
        if done.returncode != 0:  # one that the system has is found all the same
            self.assertEqual(done.returncode, 4)
            self.assertRegex(done.stderr.decode(), r"OpenVINO can run it, and is not found: pip install openvino")

    def qstill_any(self, *arguments, env):
        return program.subprocess.run([program.PROGRAM, *map(str, arguments)], cwd=self.folder, env=env,
                                      capture_output=True, timeout=60, check=False)

    @unittest.skipUnless(find_openvino(), "OpenVINO is not installed (scripts/setup --test)")
    def test_with_openvino(self):
        env = environment(QSTILL_OPENVINO=find_openvino())
        for name in ("mlp.tflite", "saved_model", "torch_residual.onnx", "torch_groups.onnx", "keras_same.onnx"):
            self.put(name)
            answer = self.scores(name, "--json", "--force", env=env).json
            self.assert_scores(name)
            self.assertEqual(answer["kind"], GOLDEN[name]["kind"])
            self.assertEqual(answer["teacher"]["run_by"], "openvino")
            self.assertRegex(answer["teacher"]["version"], r"^20\d\d\.\d")
            self.assertEqual(answer["teacher"]["version"], self.qstill("info", "--json", env=env).json["openvino"])

    def test_info_without_openvino(self):
        env = environment(QSTILL_OPENVINO=str(self.folder))
        self.assertIsNone(self.qstill("info", "--json", env=env).json["openvino"])
        self.assertIn("OpenVINO     not found: pip install openvino\n", self.qstill("info", env=env).out)


RECIPE = """\
name: imported
seeds: 2
data: {source: clouds.csv, test: 0.3, validation: 0.2, preprocess: [standardize]}
teacher: TEACHER
student: {model: logistic, train: {epochs: 4, batch: 16}}
distill: {loss: kd}
"""


class Recipes(CloudTest):
    """A teacher of clouds.csv, trained here, as a folder, and by its outputs as tables."""

    def setUp(self):
        super().setUp()
        self.qstill("data", "recipe.yaml", "-o", "d", "-q")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "-o", "m", "-q")

    def run_with(self, teacher, out):
        self.write("imported.yaml", RECIPE.replace("TEACHER", teacher))
        self.qstill("run", "imported.yaml", "--out", out, "-q")
        knowledge = self.folder / out / "seed-1/knowledge"
        return (knowledge / "knowledge.safetensors").read_bytes(), json.loads((knowledge / "knowledge.json").read_text())

    def test_a_folder_and_its_table_teach_the_same(self):
        """Tables in .npy, .npz and .csv; the folder's stored preprocessing is applied."""
        answer = self.qstill("knowledge", "--teacher", "m", "--data", "raw.csv", "--out", "t.npy", "--json", "-q").json
        self.assertEqual(answer["kind"], "logit")
        self.assertEqual(answer["teacher"]["format"], "qstill")
        self.qstill("knowledge", "--teacher", "m", "--data", "raw.csv", "--out", "t.csv", "-q", "--force")
        with zipfile.ZipFile(self.folder / "t.npz", "w") as archive:
            archive.write(self.folder / "t.npy", "scores.npy")
        made, described = self.run_with("{file: m}", "file")
        self.assertEqual(described["teacher_sha256"], answer["teacher"]["sha256"])
        self.assertGreater(described["teacher_size"]["quantum_parameters"], 0)
        scores = set()
        for name in ("t.npy", "t.csv", "t.npz", "t.npz:scores"):
            table, _ = self.run_with(f"{{scores: '{name}', kind: logit}}", "run-" + name.replace(":", "-"))
            scores.add(table[-120 * 3 * 8 - 120 * 8:-120 * 8])
        scores.add(made[-120 * 3 * 8 - 120 * 8:-120 * 8])
        self.assertEqual(len(scores), 1)

    def test_kind_is_the_folders_own(self):
        self.refused(5, r"m: its scores are of kind logit, not probability", "knowledge", "--teacher", "m", "--data",
                     "raw.csv", "--out", "t.npy", "--kind", "probability")

    def test_stage_form_is_as_it_was(self):
        self.qstill("knowledge", "--teacher", "m", "--data", "d", "--out", "k", "-q")
        self.assertEqual(sorted(path.name for path in (self.folder / "k").iterdir()),
                         ["knowledge.json", "knowledge.safetensors"])
        self.refused(2, r"--kind: goes with raw inputs", "knowledge", "--teacher", "m", "--data", "d", "--out", "k2",
                     "--kind", "logit")
        self.refused(2, r"--force: goes with raw inputs", "knowledge", "--teacher", "m", "--data", "d", "--out", "k2",
                     "--force")
        self.refused(2, r"d is a folder", "knowledge", "--teacher", "m", "--data", "d", "--out", "k.npy")
        self.refused(2, r"torch_mlp\.onnx is a file, which takes raw inputs, but the rows of d are preprocessed", "knowledge",
                     "--teacher", MODELS / "torch_mlp.onnx", "--data", "d", "--out", "k2")

    def test_an_onnx_file_in_a_recipe(self):
        rows, scores = golden("torch_mlp.onnx")
        names = [f"x{i}" for i in range(8)] + ["label"]
        lines = [",".join(names)] + [",".join([*map(repr, row), str(i % 3)]) for i, row in enumerate(rows * 12)]
        self.write("eight.csv", "\n".join(lines) + "\n")
        recipe = RECIPE.replace("clouds.csv", "eight.csv").replace("TEACHER", f"{{file: {MODELS / 'torch_mlp.onnx'}}}")
        self.write("onnx.yaml", recipe)
        report = self.qstill("run", "onnx.yaml", "--out", "r", "--json", "-q").json
        self.assertIn("accuracy", report["student"])
        described = json.loads((self.folder / "r/seed-1/knowledge/knowledge.json").read_text())
        self.assertEqual(described["score_kind"], "logit")
        self.assertEqual(described["teacher_size"]["classical_parameters"], 8 * 12 + 12 + 12 * 3 + 3)
        self.qstill("data", "onnx.yaml", "-o", "d8", "-q")
        self.qstill("teacher", "onnx.yaml", "--data", "d8", "-o", "m8", "-q")
        self.write_npy("x.npy", rows)
        self.qstill("knowledge", "--teacher", "m8", "--data", "x.npy", "--out", "s8.npy", "-q")
        for row, expected in zip(self.read_npy("s8.npy"), scores):
            for mine, theirs in zip(row, expected):
                self.assertLess(abs(mine - theirs), 1e-5)
        self.refused(5, r"m8: takes rows as the data source has them, those of d8 are preprocessed", "knowledge", "--teacher",
                     "m8", "--data", "d8", "--out", "k8")

    def test_a_file_that_does_not_fit(self):
        self.write("imported.yaml", RECIPE.replace("TEACHER", f"{{file: {MODELS / 'torch_mlp.onnx'}}}"))
        self.refused(5, r"columns", "run", "imported.yaml", "--out", "r", "-q")
        self.write("imported.yaml", RECIPE.replace("TEACHER", "{file: missing.onnx}"))
        self.refused(7, r"missing\.onnx", "run", "imported.yaml", "--out", "r2", "-q")


if __name__ == "__main__":
    program.main()
