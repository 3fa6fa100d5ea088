"""The stage verbs and `qstill predict`, each alone, on a small CSV of our own."""
import csv
import io
import json
import math
import shutil

import program
from program import CLASSES, CloudTest, cloud_rows


class Stages(CloudTest):
    def data(self, folder="d", *more):
        return self.qstill("data", "recipe.yaml", "--out", folder, *more)

    def teacher(self, folder="m", *more):
        return self.qstill("teacher", "recipe.yaml", "--data", "d", "--out", folder, *more)

    def knowledge(self, folder="k", *more):
        return self.qstill("knowledge", "--teacher", "m", "--data", "d", "--out", folder, *more)

    def student(self, folder="m2", *more):
        return self.qstill("student", "recipe.yaml", "--knowledge", "k", "--data", "d", "--out", folder, *more)

    def verify(self, folder="r", *more):
        return self.qstill("verify", "--student", "m2", "--knowledge", "k", "--data", "d", "--out", folder, *more)

    def all_stages(self):
        self.data()
        self.teacher()
        self.knowledge()
        self.student("m2", "--control", "m3")

    def assert_artefact(self, folder, kind):
        names = sorted(path.name for path in (self.folder / folder).iterdir())
        for_others = ["circuit.qasm"] if kind == "model" else []
        self.assertEqual(names, [*for_others, f"{kind}.json", f"{kind}.safetensors"])
        json.loads((self.folder / folder / f"{kind}.json").read_text())

    def test_each_stage_with_json(self):
        for stage, folder, kind in ((self.data, "d", "dataset"), (self.teacher, "m", "model"),
                                    (self.knowledge, "k", "knowledge"), (self.student, "m2", "model")):
            result = stage(folder, "--json", "--quiet")
            self.assertIsInstance(result.json, dict)
            self.assert_artefact(folder, kind)
        self.student("m4", "--control", "m3", "--json")
        self.assert_artefact("m3", "model")
        self.assertEqual(self.artefacts("m2"), self.artefacts("m4"))

    def test_each_stage_for_people(self):
        self.assertRegex(self.data().out, r"^d: dataset, 120 rows \(\d+ train, \d+ validation, \d+ test\), 4 features, "
                                          r"3 classes\n$")
        self.assertRegex(self.teacher().out, r"^m: circuit, 3 qubits, depth \d+, \d+ gates, \d+ CX, \d+ \+ 21 "
                                             r"parameters \(quantum \+ classical\), 4 features, 3 scores\n$")
        self.assertEqual(self.knowledge().out, "k: knowledge, 120 rows of 3 scores (logit)\n")
        lines = self.student("m2", "--control", "m3").out.splitlines()
        self.assertRegex(lines[0], r"^m2: circuit, 2 qubits")
        self.assertEqual(lines[0].replace("m2:", "m3:"), lines[1])
        self.assertIn("student", self.verify().out)

    def test_verify(self):
        self.all_stages()
        report = self.verify("r", "--control", "m3", "--json").json
        self.assertEqual(report["seeds"], 1)
        self.assertEqual(report["verdict"], "TOO FEW RUNS")
        for role in ("teacher", "student", "control"):
            self.assertTrue(0.2 < report[role]["accuracy"] <= 1, role)
        self.assertEqual(report["compression"]["qubits"], {"teacher": 3, "student": 2})
        alone = self.verify("r2", "--json").json
        self.assertEqual(alone["student"]["accuracy"], report["student"]["accuracy"])
        self.assertTrue((self.folder / "r" / "report.json").is_file())

    def test_stages_repeat_to_the_same_bytes(self):
        self.all_stages()
        self.data("d-again")
        self.teacher("m-again")
        for one, two in (("d", "d-again"), ("m", "m-again")):
            for path in (self.folder / one).iterdir():
                self.assertEqual(path.read_bytes(), (self.folder / two / path.name).read_bytes(), path)

    def test_seed_and_set_reach_the_stage(self):
        self.data("one", "--seed", "1")
        self.data("set", "--set", "seed=1")
        self.data("two", "--seed", "2")
        self.data("three", "--set", "data.classes=[ant, cat]")
        read = {name: (self.folder / name / "dataset.safetensors").read_bytes() for name in ("one", "set", "two")}
        self.assertEqual(read["one"], read["set"])
        self.assertNotEqual(read["one"], read["two"])
        self.assertIn("2 classes", self.data("four", "--set", "data.classes=[ant, cat]").out)

    def test_output_folder_refused(self):
        self.write("full/precious.txt", "kept")
        self.refused(7, r"full", "data", "recipe.yaml", "--out", "full")
        self.assertEqual([path.name for path in (self.folder / "full").iterdir()], ["precious.txt"])
        self.write("file", "a file")
        self.refused(7, r"file", "data", "recipe.yaml", "--out", "file")
        self.refused(7, r"/proc/", "data", "recipe.yaml", "--out", "/proc/qstill-here")
        self.data()
        self.refused(7, r"\bd\b", "data", "recipe.yaml", "--out", "d")
        self.teacher()
        self.knowledge()
        self.refused(2, r"^qstill: \./s: student and control need a folder each$", "student", "recipe.yaml", "--quiet",
                     "--knowledge", "k", "--data", "d", "--out", "s", "--control", "./s")
        self.assertEqual(list((self.folder / "s").iterdir()), [])

    def test_parts_that_do_not_fit(self):
        self.all_stages()
        self.data("other", "--seed", "77")
        self.refused(5, r"dataset", "student", "recipe.yaml", "--knowledge", "k", "--data", "other", "--out", "x")
        self.refused(5, r"dataset", "verify", "--student", "m2", "--knowledge", "k", "--data", "other", "--out", "x")
        self.data("two-classes", "--set", "data.classes=[ant, cat]")
        self.refused(5, r"classes", "knowledge", "--teacher", "m", "--data", "two-classes", "--out", "x")
        self.assertFalse((self.folder / "x").exists() and any((self.folder / "x").iterdir()))

    def test_wrong_and_damaged_folders(self):
        self.all_stages()
        self.refused(7, r"nowhere", "teacher", "recipe.yaml", "--data", "nowhere", "--out", "x")
        self.refused(7, r"\bm: there is no dataset", "teacher", "recipe.yaml", "--data", "m", "--out", "x")
        weights = self.folder / "m" / "model.safetensors"
        whole = weights.read_bytes()
        for damaged in (whole[:-1], whole[:20], b"", whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:]):
            weights.write_bytes(damaged)
            self.refused(6, r"model\.safetensors", "predict", "m", "--data", "raw.csv")
        weights.write_bytes(whole)
        self.qstill("predict", "m", "--data", "raw.csv")


class Predict(CloudTest):
    def setUp(self):
        super().setUp()
        self.qstill("data", "recipe.yaml", "-o", "d")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "-o", "m", "--quiet", "--set", "teacher.train.epochs=25")

    def predict(self, *arguments, **options):
        return self.qstill("predict", "m", "--data", "raw.csv", *arguments, **options)

    def test_npy_csv_and_json_agree(self):
        self.predict("--out", "y.npy")
        self.predict("-o", "y.csv")
        shown = self.predict().out
        answer = self.predict("--json").json
        self.assertEqual((self.folder / "y.csv").read_text(), shown)
        self.assertEqual(self.predict("-o", "-").out, shown)
        header, *rows = csv.reader(io.StringIO(shown))
        self.assertEqual(header, ["label", *CLASSES])
        probabilities = self.read_npy("y.npy")
        self.assertEqual([[float(cell) for cell in row[1:]] for row in rows], probabilities)
        self.assertEqual(answer["probabilities"], probabilities)
        self.assertEqual(answer["classes"], list(CLASSES))
        self.assertEqual(answer["labels"], [row[0] for row in rows])
        self.assertEqual(len(rows), len(cloud_rows()))
        for row in probabilities:
            self.assertTrue(math.isclose(sum(row), 1, abs_tol=1e-12))
            self.assertTrue(all(0 <= p <= 1 for p in row))
        for row, p in zip(rows, probabilities):
            self.assertEqual(row[0], CLASSES[p.index(max(p))])

    def test_the_model_has_learned(self):
        labels = self.predict("--json").json["labels"]
        right = sum(label == kind for label, (_, kind) in zip(labels, cloud_rows()))
        self.assertGreater(right, 0.85 * len(labels))

    def test_file_and_json_together(self):
        both = self.predict("--out", "y.npy", "--json")
        self.assertEqual(both.json["probabilities"], self.read_npy("y.npy"))
        self.assertEqual(self.predict("--out", "z.npy").out, "")

    def test_a_row_alone_gives_the_same_bits(self):
        whole = self.predict("--json").json["probabilities"]
        for row in (0, 17, 119):
            self.write_npy("one.npy", [cloud_rows()[row][0]])
            self.assertEqual(self.qstill("predict", "m", "--data", "one.npy", "--json").json["probabilities"],
                             [whole[row]])

    def test_threads_do_not_matter(self):
        self.assertEqual(len({self.predict("--threads", threads).out for threads in (1, 2, 3, 7)}), 1)

    def test_standard_input(self):
        raw = (self.folder / "raw.csv").read_bytes()
        self.assertEqual(self.qstill("predict", "m", "--data", "-", stdin=raw).out, self.predict().out)

    def test_columns_that_do_not_fit(self):
        rows = [features for features, _ in cloud_rows()]
        self.write_npy("narrow.npy", [row[:3] for row in rows])
        self.write_npy("wide.npy", [row + [1.0] for row in rows])
        self.refused(5, r"\b3\b.*\b4\b|\b4\b.*\b3\b", "predict", "m", "--data", "narrow.npy", "-o", "y.npy")
        self.refused(5, r"\b5\b.*\b4\b|\b4\b.*\b5\b", "predict", "m", "--data", "wide.npy", "-o", "y.npy")
        self.assertFalse((self.folder / "y.npy").exists())

    def test_inputs_that_are_wrong(self):
        self.write("text.csv", "a,b,c,d\n1,2,3,x\n")
        self.write("infinite.csv", "1,2,3,1e999\n")
        self.write("empty.csv", "")
        self.refused(3, r"text\.csv:2:7", "predict", "m", "--data", "text.csv")
        self.refused(3, r"infinite\.csv:1:7", "predict", "m", "--data", "infinite.csv")
        self.refused(3, r"empty\.csv", "predict", "m", "--data", "empty.csv")
        self.refused(7, r"missing\.csv", "predict", "m", "--data", "missing.csv")
        self.refused(7, r"nowhere", "predict", "nowhere", "--data", "raw.csv")
        self.refused(7, r"\bd: ", "predict", "m", "--data", "d")

    def test_output_refused(self):
        self.write_npy("x.npy", [features for features, _ in cloud_rows()])
        before = (self.folder / "x.npy").read_bytes()
        (self.folder / "link.npy").symlink_to("x.npy")
        (self.folder / "model.npy").symlink_to("m/model.safetensors")
        for name in ("x.npy", "./x.npy", "m/../x.npy", "link.npy", "model.npy"):
            self.refused(2, r"is also an input", "predict", "m", "--data", "x.npy", "-o", name, "--force")
        self.assertEqual((self.folder / "x.npy").read_bytes(), before)
        self.write("y.npy", "precious")
        self.refused(7, r"y\.npy: exists already", "predict", "m", "--data", "x.npy", "-o", "y.npy")
        self.assertEqual((self.folder / "y.npy").read_text(), "precious")
        self.predict("-o", "y.npy", "--force")
        self.assertEqual(len(self.read_npy("y.npy")), 120)
        self.refused(7, r"nowhere", "predict", "m", "--data", "x.npy", "-o", "nowhere/y.npy")
        self.refused(7, r"/proc", "predict", "m", "--data", "x.npy", "-o", "/proc/y.npy")
        self.assertFalse([path for path in self.folder.iterdir() if "y.npy." in path.name])

    def test_class_names_are_quoted_where_csv_needs_it(self):
        rows = cloud_csv_with_names({"ant": 'a "big", ant', "bee": "=1+1", "cat": "-c"})
        self.write("odd.csv", rows)
        self.write("odd.yaml", program.RECIPE.replace("clouds.csv", "odd.csv"))
        self.qstill("data", "odd.yaml", "-o", "d2")
        self.qstill("teacher", "odd.yaml", "--data", "d2", "-o", "m4", "--set", "teacher.train.epochs=1", "--quiet")
        text = self.qstill("predict", "m4", "--data", "raw.csv").out
        header = next(csv.reader(io.StringIO(text)))
        self.assertEqual(sorted(header[1:]), sorted(["'=1+1", "'-c", 'a "big", ant']))
        answer = self.qstill("predict", "m4", "--data", "raw.csv", "--json").json
        self.assertEqual(sorted(answer["classes"]), sorted(["=1+1", "-c", 'a "big", ant']))

    def test_the_model_may_be_moved(self):
        before = self.predict().out
        shutil.move(self.folder / "m", self.folder / "elsewhere")
        self.assertEqual(self.qstill("predict", "elsewhere/", "--data", "raw.csv").out, before)


def cloud_csv_with_names(names):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["a", "b", "c", "d", "label"])
    for features, kind in cloud_rows():
        writer.writerow([*map(repr, features), names[kind]])
    return out.getvalue()


if __name__ == "__main__":
    program.main()
