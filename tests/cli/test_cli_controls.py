"""The controls of a run: each finds what was planted for it, what makes no sense is left out, and recipes choose."""
import program
from program import CLASSES, CloudTest, cloud_rows

FURTHER = ("label_smoothing", "permuted_scores", "gradient_scale", "no_entanglement", "mlp")

# A teacher of given scores, and small plain steps that do not reach their end.
TABLE = """\
name: planted
seeds: 5
data: {source: clouds.csv, test: 0.4, preprocess: [standardize, {scale: 0.5}]}
teacher: {scores: scores.csv, kind: logit}
student:
  qubits: 2
  layers: 2
  train: {optimizer: sgd, momentum: 0, learning_rate: 0.01, batch: 16, epochs: 8, select: last}
distill: {loss: kd, temperature: 8, alpha: 1}
"""

XOR = """\
name: xor
seeds: 5
data: {source: xor, samples: 300, preprocess: [standardize]}
teacher: {qubits: 2, layers: 4, train: {learning_rate: 0.05, batch: 16, epochs: 30}}
student: {qubits: 2, layers: 2, train: {learning_rate: 0.05, batch: 16, epochs: 30}}
distill: {alpha: 0.9}
controls: [no_teacher, no_entanglement]
"""


class Planted(CloudTest):
    def run_table(self, scores_of, *arguments):
        """A report with the scores that `scores_of` gives to a class' name."""
        lines = [",".join(CLASSES)] + [",".join(map(str, scores_of(kind))) for _, kind in cloud_rows()]
        self.write("scores.csv", "\n".join(lines) + "\n")
        self.write("recipe.yaml", TABLE)
        return self.qstill("run", "recipe.yaml", "--out", "r", "--quiet", "--json", *arguments).json

    def test_a_teacher_that_is_only_louder_than_the_labels(self):
        """It says what the labels say, with a larger gradient: the student beats no_teacher, but not its equal steps."""
        report = self.run_table(lambda kind: [60 if other == kind else 0 for other in CLASSES])
        scaled = report["controls"]["gradient_scale"]
        self.assertEqual(report["verdict"], "BEATS")
        self.assertEqual(scaled["verdict"], "NO DIFFERENCE")
        self.assertLess(abs(scaled["points"]), report["gain"]["points"] / 3)
        self.assertTrue(all(factor > 2 for factor in scaled["rate_factors"]), scaled["rate_factors"])

    def test_a_teacher_that_says_the_same_of_every_row(self):
        """Whatever such soft labels do, those of other rows do too, to the last bit."""
        report = self.run_table(lambda kind: [1, -1, 0.5], "--set", "distill={temperature: 1, alpha: 0.5}")
        permuted = report["controls"]["permuted_scores"]
        self.assertEqual(permuted["seeds"], [0] * 5)
        self.assertEqual(permuted["verdict"], "NO DIFFERENCE")
        self.assertEqual(permuted["model"]["nll"], report["student"]["nll"])

    def test_a_task_that_needs_two_qubits_together(self):
        self.write("recipe.yaml", XOR)
        report = self.qstill("run", "recipe.yaml", "--out", "r", "--quiet", "--json").json
        alone = report["controls"]["no_entanglement"]
        self.assertEqual(alone["verdict"], "BEATS")
        self.assertLess(alone["model"]["accuracy"], 0.65)
        self.assertGreater(report["student"]["accuracy"], 0.85)
        self.assertEqual(alone["model"]["size"]["two_qubit_gates"], 0)


class Chosen(CloudTest):
    FEW = ["--out", "r", "--quiet", "--set", "seeds=1"]

    def test_all_by_default(self):
        report = self.qstill("run", "recipe.yaml", "--json", *self.FEW).json
        self.assertEqual(tuple(report["controls"]), (*FURTHER, "noise_unaware"))
        self.assertIsNone(report["controls"].pop("noise_unaware"))
        self.assertEqual(report["left_out"], [])
        epochs = report["student"]["epochs"]
        for name, control in report["controls"].items():
            self.assertEqual(control["model"]["epochs"], epochs, name)
            self.assertEqual(control["verdict"], "TOO FEW RUNS", name)
            self.assertAlmostEqual(control["points"],
                                   100 * (report["student"]["accuracy"] - control["model"]["accuracy"]), delta=1e-9)
            self.assertTrue((self.folder / "r/default/seed-3" / name / "model.json").is_file(), name)
        for line in (self.folder / "r/metrics.csv").read_text().splitlines()[1:]:
            self.assertIn(line.split(",")[2], ("teacher", "student", "control", *FURTHER))

    def test_some_and_none(self):
        report = self.qstill("run", "recipe.yaml", "--json", *self.FEW, "--set", "controls=[permuted_scores, floor]").json
        self.assertIsNone(report["control"])
        self.assertIsNotNone(report["floor"])
        self.assertEqual([name for name, control in report["controls"].items() if control], ["permuted_scores"])
        self.assertEqual(report["left_out"], [])
        page = self.qstill("run", "recipe.yaml", "--out", "s", "--quiet", "--set", "seeds=1", "--set",
                           "controls=none").out
        self.assertNotIn("controls", page)

    def test_what_makes_no_sense_is_left_out(self):
        logistic = ["--set", "student={qubits: null, layers: null, model: logistic}"]
        report = self.qstill("run", "recipe.yaml", "--json", *self.FEW, *logistic).json
        self.assertEqual([entry["control"] for entry in report["left_out"]], ["no_entanglement", "mlp"])
        self.assertIsNone(report["controls"]["mlp"])
        self.assertIn("Control mlp left out: the student has no circuit.", report["notes"])
        page = self.qstill("run", "recipe.yaml", "--out", "s", "--quiet", "--set", "seeds=1", *logistic).out
        self.assertRegex(page, r"(?m)^  mlp +left out: the student has no circuit$")

    def test_conditions_on_controls(self):
        self.qstill("run", "recipe.yaml", "--json", *self.FEW, "--set",
                    "verify.require={controls.mlp.points: -100, controls.permuted_scores.model.accuracy: 0}")
        self.refused(2, r"controls\.mlp\.points contradicts controls: mlp is not among them", "run", "recipe.yaml",
                     "--out", "s", "--set", "controls=[no_teacher]", "--set", "verify.require={controls.mlp.points: 0}")


if __name__ == "__main__":
    program.main()
