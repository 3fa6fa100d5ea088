"""Students that are fitted: the example runs, surrogates are exact or say how far they are off, and what has none is refused."""
import json

import program
from program import SOURCE, CloudTest

CIRCUIT = """\
name: clouds
seeds: 2
data: {source: clouds.csv, test: 0.3, validation: 0.2, preprocess: [{pca: 2}, standardize]}
teacher: {qubits: 2, encoding: angle_x, repeat_encoding: true, layers: 2, outputs: [z, zz],
          train: {learning_rate: 0.05, batch: 16, epochs: 6}}
student: {model: fourier}
"""


class Surrogates(CloudTest):
    def setUp(self):
        super().setUp()
        self.write("circuit.yaml", CIRCUIT)

    def model(self, path):
        return json.loads((self.folder / path / "model.json").read_text())

    def test_the_example(self):
        report = self.qstill("run", SOURCE / "examples/recipes/iris_fourier.yaml", "--out", "r", "--json",
                             env=program.environment(QSTILL_DATA=str(SOURCE / "data"))).json
        exact, few = report["settings"]
        self.assertEqual(1, exact["student"]["agreement"])
        self.assertEqual(exact["teacher"]["accuracy"], exact["student"]["accuracy"])
        self.assertLess(exact["student"]["output_mse"], 1e-20)
        self.assertGreater(few["student"]["agreement"], 0.9)
        log = (self.folder / "r/log.txt").read_text()
        self.assertIn("fourier: the teacher is asked at 343 points, a grid of 7 x 7 x 7", log)
        self.assertIn("random_fourier: 17 of 171 frequencies of the spectrum (9.9 %)", log)
        for seed in range(1, 6):
            fit = self.model(f"r/exact/seed-{seed}/student")["fit"]
            self.assertEqual(343, fit["points"])
            self.assertLessEqual(fit["max_error"], 1e-10)

    def test_predictions_are_the_teachers(self):
        self.qstill("run", "circuit.yaml", "--out", "r")
        paths = [f"r/{name}/seed-1/{role}" if name else f"r/seed-1/{role}" for name, role in
                 (("", "teacher"), ("default", "student"))]
        for number, path in enumerate(paths):
            self.qstill("predict", path, "--data", "raw.csv", "--out", f"{number}.npy")
        for mine, theirs in zip(*(self.read_npy(f"{number}.npy") for number in range(2))):
            for a, b in zip(mine, theirs):
                self.assertAlmostEqual(a, b, delta=1e-12)

    def test_stages(self):
        """From folder to folder as in one run."""
        self.qstill("data", "circuit.yaml", "--out", "d")
        self.qstill("teacher", "circuit.yaml", "--data", "d", "--out", "t")
        self.qstill("knowledge", "--teacher", "t", "--data", "d", "--out", "k")
        for kind in ("fourier", "random_fourier"):
            self.qstill("student", "circuit.yaml", "--data", "d", "--knowledge", "k", "--out", kind, "--set",
                        f"student.model={kind}")
            self.qstill("run", "circuit.yaml", "--out", f"run-{kind}", "--set", "seeds=1", "--set", f"student.model={kind}")
            self.assertEqual(self.artefacts(kind), self.artefacts(f"run-{kind}/default/seed-1/student"))
        report = self.qstill("verify", "--student", "fourier", "--knowledge", "k", "--data", "d", "--out", "v", "--json").json
        self.assertEqual(1, report["student"]["agreement"])

    def test_trained_scales(self):
        """Least squares; the error is measured and small in the box of the training rows."""
        self.qstill("run", "circuit.yaml", "--out", "r", "--set", "teacher.encoding=reupload")
        log = (self.folder / "r/log.txt").read_text()
        self.assertRegex(log, r"trained scales: the teacher is asked at \d+ random points for 40 pairs of frequencies")
        self.assertRegex(log, r"least squares: rms error \S+, largest \S+ at 1000 other points")
        fit = self.model("r/default/seed-1/student")["fit"]
        self.assertTrue(1e-14 < fit["rms_error"] <= fit["max_error"] < 1e-4, fit)

    def test_the_same_bits_for_any_threads(self):
        for student in ("fourier", "random_fourier"):
            for threads in (1, 3):
                self.qstill("run", "circuit.yaml", "--out", f"{student}-{threads}", "--threads", threads, "--set",
                            f"student.model={student}")
            self.assert_same_run(f"{student}-1", f"{student}-3")

    def test_networks_have_random_features(self):
        report = self.qstill("run", "circuit.yaml", "--out", "m", "--json", "--set", "student.model=random_fourier", "--set",
                             "teacher.model=mlp", *self.without_circuit_keys()).json
        self.assertGreater(report["student"]["agreement"], 0.8)

    def without_circuit_keys(self):
        keys = ("qubits", "encoding", "repeat_encoding", "layers", "outputs")
        return [word for key in keys for word in ("--set", f"teacher.{key}=null")]

    def test_linear_probe(self):
        self.qstill("run", "circuit.yaml", "--out", "p", "--set", "student={model: linear_probe, qubits: 2, layers: 2}",
                    "--set", "student.train.epochs=5")
        probe, control = (self.model(f"p/default/seed-1/{role}") for role in ("student", "control"))
        self.assertEqual("circuit", probe["inner"]["kind"])
        self.assertEqual(probe["inner"]["circuit"], control["inner"]["circuit"])

    def test_refusals(self):
        for number, (code, message, changes) in enumerate((
                (2, r"product of features 0 and 1", ["teacher.encoding=iqp"]),
                (2, r"amplitude encoding prepares the state", ["teacher.encoding=amplitude",
                                                               "teacher.repeat_encoding=false"]),
                (2, r"distill.temperature contradicts student.model", ["distill.temperature=2"]),
                (2, r"student.model contradicts teacher.model", ["teacher.before=[{dense: 2}]"]),
                (8, r"a grid of 1601 x 1601 = 2563201 points is above 1000000", ["teacher.layers=400",
                                                                                 "teacher.encoding_reps=2"]),
        )):
            with self.subTest(changes=changes):
                self.refused(code, message, "run", "circuit.yaml", "--out", f"x{number}", "--quiet",
                             *[word for change in changes for word in ("--set", change)])
        self.refused(2, "so it is a student's", "run", "circuit.yaml", "--out", "x", "--set", "teacher.model=fourier",
                     *self.without_circuit_keys())


if __name__ == "__main__":
    program.main()
