"""The recipes of examples/ run, short where they are long, and examples/README.md says of each in which directions it goes."""
import json
import re

import program
from program import SOURCE, ProgramTest

RECIPES = SOURCE / "examples/recipes"
SHORT = ["teacher.train.epochs=1", "student.train.epochs=1"]
# Of Fashion-MNIST, which may not be here, the images that the library carries take the place.
DIGITS = ["data.source=digits", "data.test=0.25", *SHORT]
MANILA = [SOURCE / f"tests/golden/devices/{part}_manila.json" for part in ("props", "conf")]
CHANGES = {
    "breast_cancer": SHORT,
    "digits": [*SHORT, "distill.temperature=1", "distill.alpha=0.9"],
    "digits_qrkd": SHORT,
    "distributions": SHORT,
    "fashion": DIGITS,
    "fashion_cnn": DIGITS,
    "iris": SHORT,
    "manila": [f"device.file=[{MANILA[0]}, {MANILA[1]}]", *SHORT],
    "methods": SHORT,
    "moons": SHORT,
    "schedules": ["student.train.epochs=4"],
    "wine": [f"teacher.scores={RECIPES}/wine_scores.csv", "student.train.epochs=1"],
    "wine_hybrid": SHORT,
}
LINK = re.compile(r"\]\(recipes/(\w+)\.yaml\)")


def directions_of_the_page():
    """{recipe: {direction}} as examples/README.md has it."""
    found = {}
    for row in re.findall(r"^\| (\w+ to \w+) \| (.*) \|$", (SOURCE / "examples/README.md").read_text(), re.M):
        for name in LINK.findall(row[1]):
            found.setdefault(name, set()).add(row[0])
    return found


class Examples(ProgramTest):
    """One test for each recipe, test_NAME; what it says of the report is checked in the run's folder r."""

    def run_recipe(self, name):
        changes = [word for change in ["seeds=1", *CHANGES.get(name, [])] for word in ("--set", change)]
        report = self.qstill("run", RECIPES / f"{name}.yaml", "--out", "r", "--quiet", "--json", *changes).json
        directions = {self.direction(setting) for setting in report["settings"]}
        self.assertEqual(directions, directions_of_the_page()[name])
        return report

    def direction(self, setting):
        parameters = setting["compression"]["parameters"]
        teacher = parameters["teacher"] is not None and parameters["teacher"]["quantum"] > 0
        [model] = (self.folder / "r").glob(f"{setting['name']}/seed-*/student/model.json")
        student = {"circuit": "quantum", "hybrid": "hybrid"}.get(json.loads(model.read_text())["kind"], "classical")
        self.assertEqual(student != "classical", parameters["student"]["quantum"] > 0)
        return f"{'quantum' if teacher else 'classical'} to {student}"

    def names(self, report):
        return [setting["name"] for setting in report["settings"]]

    def test_the_page_and_the_tests_have_every_recipe(self):
        recipes = {path.stem for path in RECIPES.glob("*.yaml")}
        self.assertEqual(recipes, set(directions_of_the_page()))
        self.assertEqual(recipes, {name[5:] for name in dir(self) if name[5:] in recipes})
        every = {f"{teacher} to {student}" for teacher in ("quantum", "classical") for student in ("quantum", "classical")}
        self.assertEqual(every - set().union(*directions_of_the_page().values()), set())

    def test_the_page_names_recipes_for_methods(self):
        text = (SOURCE / "examples/README.md").read_text()
        rows = re.findall(r"^\| .* \| .* \| ([\w, ;]+) \|$", text[text.index("## Recipes by method"):], re.M)[1:]
        self.assertGreater(len(rows), 15)
        for row in rows:
            for name in re.split("[,;] ", row):
                self.assertTrue(name == "all" or (RECIPES / f"{name}.yaml").exists(), name)

    def test_assistants(self):
        report = self.run_recipe("assistants")
        self.assertEqual([step["size"]["qubits"] for step in report["settings"][1]["chain"]], [5, 4])

    def test_born_again(self):
        report = self.run_recipe("born_again")
        self.assertEqual([step["name"] for step in report["chain"]], ["generation-1", "generation-2"])

    def test_breast_cancer(self):
        report = self.run_recipe("breast_cancer")
        self.assertEqual(report["settings"][0]["compression"]["parameters"]["student"]["classical"], 0)

    def test_device(self):
        report = self.run_recipe("device")
        for model in ("teacher", "student", "control", "noise_unaware"):
            self.assertGreater(len(report["device"][model]["placement"]["qubits"]), 2, model)

    def test_digits(self):
        report = self.run_recipe("digits")
        self.assertEqual(self.names(report), ["all-labels", "few-labels"])

    def test_digits_qrkd(self):
        report = self.run_recipe("digits_qrkd")
        self.assertEqual(self.names(report), ["kd", "rkd", "qrkd"])
        students = {(self.folder / f"r/{name}/seed-1/student/model.safetensors").read_bytes() for name in self.names(report)}
        self.assertEqual(len(students), 3)

    def test_distributions(self):
        report = self.run_recipe("distributions")
        self.assertEqual(self.names(report), ["kl", "js", "tvd", "hellinger", "mmd"])
        self.assertEqual(report["settings"][0]["compression"]["parameters"]["student"]["classical"], 0)

    def test_ensemble(self):
        report = self.run_recipe("ensemble")
        self.assertEqual(len(report["members"]), 5)
        self.assertGreater(report["calibration"], 0)

    def test_fashion(self):
        self.run_recipe("fashion")

    def test_fashion_cnn(self):
        self.run_recipe("fashion_cnn")

    def test_few_labels(self):
        report = self.run_recipe("few_labels")
        self.assertLess(report["runs"][0]["labelled"], 0.07 * report["runs"][0]["train"])
        self.assertGreater(report["student"]["accuracy"], 0.5)

    def test_iris(self):
        report = self.run_recipe("iris")
        self.assertEqual(report["settings"][0]["compression"]["qubits"], {"teacher": 4, "student": 2})

    def test_iris_fourier(self):
        report = self.run_recipe("iris_fourier")
        self.assertEqual(report["settings"][0]["student"]["agreement"], 1)

    def test_matching(self):
        report = self.run_recipe("matching")
        self.assertEqual(self.names(report), ["scores", "observables", "gradients", "states", "processes", "fidelities"])

    def test_manila(self):
        report = self.run_recipe("manila")
        self.assertEqual((report["device"]["name"], report["device"]["student"]["placement"]["exchanges"]), ("ibmq_manila", 0))

    def test_methods(self):
        report = self.run_recipe("methods")
        self.assertEqual([setting["loss"] for setting in report["settings"]],
                         ["kd", "kd", "logit_mse", "logit_standardization", "dkd", "dist", "kd", "kd", "label_smoothing"])

    def test_moons(self):
        report = self.run_recipe("moons")
        self.assertEqual(self.names(report), ["one-qubit", "logistic"])

    def test_noisy_labels(self):
        report = self.run_recipe("noisy_labels")
        self.assertEqual([setting["label_noise"] for setting in report["settings"]], [0, 0.4])

    def test_queries(self):
        report = self.run_recipe("queries")
        self.assertEqual([setting["queries"]["asked"] for setting in report["settings"]], [0, 1000, 1000])

    def test_schedules(self):
        report = self.run_recipe("schedules")
        self.assertEqual(self.names(report), ["constant", "scheduled"])

    def test_wine(self):
        self.run_recipe("wine")

    def test_wine_hybrid(self):
        self.run_recipe("wine_hybrid")

    def test_wine_random_fourier(self):
        report = self.run_recipe("wine_random_fourier")
        self.assertGreater(report["settings"][0]["student"]["agreement"], 0.95)
        log = (self.folder / "r/log.txt").read_text()
        self.assertRegex(log, r"random_fourier: 300 of 58824 frequencies of the spectrum \(0.5 %\)")


if __name__ == "__main__":
    program.main()
