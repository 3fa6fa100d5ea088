"""`qstill circuit describe`: what became of each gate, for folders and recipes; what it refuses."""
import program
from program import CloudTest

TOTALS = {"qubits", "qubits_simulated", "layout", "real", "precision", "isa", "n_operations", "n_rotations", "n_gates",
          "n_passes", "multiply_adds_forward", "multiply_adds_backward", "bytes_forward", "bytes_backward",
          "state_bytes", "memory_bytes", "passes", "operations"}
FATES = {"dropped", "frame", "fused", "merged", "spread"}

LOCAL = """\
name: local
data: {source: clouds.csv, preprocess: [standardize]}
teacher: {qubits: 4, encoding: angle_x, ansatz: none, outputs: [z]}
student: {qubits: 4, encoding: angle_x, ansatz: none, outputs: [ZIII], head: linear}
"""


class Describe(CloudTest):
    def describe(self, *arguments):
        return self.qstill("circuit", "describe", *arguments, "--json").json

    def test_a_recipe(self):
        found = self.describe("recipe.yaml", "--model", "teacher")
        self.assertEqual(set(found), TOTALS)
        self.assertEqual((found["qubits"], found["layout"], found["precision"]), (3, "small", "double"))
        self.assertEqual(found["n_operations"], len(found["operations"]))
        self.assertEqual(found["n_passes"], len(found["passes"]))
        self.assertEqual(found["qubits"], 3)
        for gate in found["operations"]:
            self.assertEqual(set(gate), {"gate", "qubits", "fate", "first_pass", "last_pass"})
            self.assertIn(gate["fate"], FATES)
            self.assertEqual(len(gate["qubits"]), 2 if gate["gate"] in ("cx", "cz") else 1)
            if gate["fate"] in ("dropped", "frame"):
                self.assertIsNone(gate["first_pass"])
            else:
                self.assertLessEqual(gate["first_pass"], gate["last_pass"])
                self.assertLess(gate["last_pass"], found["n_passes"])
        names = [gate["gate"] for gate in found["operations"]]
        self.assertIn("cx", names)
        # every pass is somebody's, its figures add up to the totals
        named = {p for gate in found["operations"] if gate["first_pass"] is not None
                 for p in range(gate["first_pass"], gate["last_pass"] + 1)}
        self.assertEqual(named, set(range(found["n_passes"])))
        for key in ("multiply_adds", "bytes"):
            self.assertAlmostEqual(sum(p[key] for p in found["passes"]), found[f"{key}_forward"],
                                   delta=1e-9 * found[f"{key}_forward"])
        self.assertEqual(sum(p["rotations"] for p in found["passes"]), found["n_rotations"])

    def test_teacher_and_student_differ(self):
        sizes = [self.describe("recipe.yaml", "--model", role)["qubits"] for role in ("teacher", "student")]
        self.assertEqual(sizes, [3, 2])

    def test_patches_of_the_recipe_count(self):
        found = self.describe("recipe.yaml", "--model", "student", "--set", "student.qubits=4", "--seed", "9")
        self.assertEqual(found["qubits"], 4)

    def test_a_folder_says_the_same_as_its_recipe(self):
        self.qstill("data", "recipe.yaml", "--out", "d", "--quiet")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "--out", "m", "--quiet")
        self.assertEqual(self.describe("m"), self.describe("recipe.yaml", "--model", "teacher"))

    def test_single_precision_takes_half_the_bytes(self):
        double = self.describe("recipe.yaml", "--model", "teacher")
        single = self.describe("recipe.yaml", "--model", "teacher", "--precision", "single")
        self.assertEqual(single["precision"], "single")
        self.assertEqual(2 * single["state_bytes"], double["state_bytes"])

    def test_light_cone_and_optimisation_off(self):
        self.write("local.yaml", LOCAL)
        whole = self.describe("local.yaml", "--model", "teacher")
        narrow = self.describe("local.yaml", "--model", "student")
        self.assertEqual(whole["qubits_simulated"], 4)
        self.assertEqual(narrow["qubits_simulated"], 1)
        self.assertEqual([gate["fate"] for gate in narrow["operations"]].count("dropped"), 3)
        for option in (["--no-light-cone"], ["--optimize", "off"]):
            found = self.describe("local.yaml", "--model", "student", *option)
            self.assertEqual(found["qubits_simulated"], 4)
            self.assertNotIn("dropped", [gate["fate"] for gate in found["operations"]])
        off = self.describe("recipe.yaml", "--model", "teacher", "--optimize", "off")
        best = self.describe("recipe.yaml", "--model", "teacher")
        self.assertGreater(off["n_passes"], best["n_passes"])
        self.assertIn("frame", [gate["fate"] for gate in best["operations"]])
        self.assertNotIn("frame", [gate["fate"] for gate in off["operations"]])

    def test_page(self):
        text = self.qstill("circuit", "describe", "recipe.yaml", "--model", "teacher").out
        found = self.describe("recipe.yaml", "--model", "teacher")
        lines = text.splitlines()
        self.assertRegex(lines[0], r"^3 qubits; small layout, double (complex|real) amplitudes$")
        heads = [i for i, line in enumerate(lines) if line.split()[:1] in (["pass"], ["gate"])]
        self.assertEqual(heads[1] - heads[0], found["n_passes"] + 2)
        self.assertEqual(len(lines) - heads[1] - 1, found["n_operations"])
        self.assertLessEqual(max(map(len, lines)), 100)

    def test_refused(self):
        self.write("logistic.yaml", "name: a\ndata: {source: clouds.csv}\nteacher: {qubits: 2}\n"
                                    "student: {model: logistic}\n")
        self.write("table.yaml", "name: a\ndata: {source: clouds.csv}\nteacher: {scores: s.npy, kind: logit}\n"
                                 "student: {qubits: 2}\n")
        self.write("folder/empty", "")
        for code, message, arguments in [
                (2, r"circuit: one of describe.* is missing; see `qstill help circuit`", []),
                (2, r"circuit describe: MODEL\|RECIPE is missing", ["describe"]),
                (2, r'there is no "descrbe" \(describe.*\); did you mean describe\?', ["descrbe", "x"]),
                (2, r'there is no "paint"', ["paint", "recipe.yaml"]),
                (2, r'"y" is one argument too many', ["describe", "x", "y"]),
                (2, r"--model teacher\|student is missing: recipe\.yaml is no folder", ["describe", "recipe.yaml"]),
                (2, r"--model: pupil is neither teacher nor student", ["describe", "recipe.yaml", "--model", "pupil"]),
                (2, r"--model: belongs to a recipe, and folder is a folder",
                 ["describe", "folder", "--model", "teacher"]),
                (2, r"--set: belongs to a recipe", ["describe", "folder", "--set", "seed=1"]),
                (2, r"--seed: belongs to a recipe", ["describe", "folder", "--seed", "1"]),
                (2, r"table of scores: it has no model", ["describe", "table.yaml", "--model", "teacher"]),
                (4, r"logistic\.yaml: this model has no circuit", ["describe", "logistic.yaml", "--model", "student"]),
                (7, r"folder: there is no model", ["describe", "folder"]),
                (7, r"none\.yaml", ["describe", "none.yaml", "--model", "teacher"])]:
            with self.subTest(arguments=arguments):
                self.refused(code, message, "circuit", *arguments)


if __name__ == "__main__":
    program.main()
