"""`qstill tune`: what is searched, what lies in the folder, that test rows are never looked at, and stopping, resuming and
threads changing no byte."""
import csv
import io
import json
import re
import shutil
import signal
import struct
import time

import program
from program import CloudTest

SMALL = ["--set", "student.train.epochs=3", "--set", "teacher.train.epochs=3", "--seeds", "2"]
GRID = ["--over", "distill.temperature=1,4", "--over", "distill.alpha=0.5,0.9"]
FILES = ["best.yaml", "heatmap.gnuplot", "log.txt", "recipe.yaml", "trials.csv", "tune.json"]


class Tune(CloudTest):
    def tune(self, folder, *options, **more):
        return self.qstill("tune", "recipe.yaml", "--out", folder, "--json", *SMALL, *options, **more)

    def csv(self, folder):
        return list(csv.DictReader(io.StringIO((self.folder / folder / "trials.csv").read_text())))

    def bytes_of(self, folder):
        """{name: bytes} of a search's folder but for what gnuplot draws."""
        root = self.folder / folder
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*"))
                if p.is_file() and p.suffix != ".svg"}

    def test_grid(self):
        result = self.tune("t", *GRID).json
        self.assertEqual("qstill-tune/1", result["format"])
        self.assertEqual(["distill.temperature", "distill.alpha"], result["keys"])
        self.assertEqual({(1, 0.5), (1, 0.9), (4, 0.5), (4, 0.9)},
                         {tuple(trial["values"].values()) for trial in result["trials"]})
        accuracies = [trial["accuracy"] for trial in result["trials"]]
        self.assertEqual(sorted(accuracies, reverse=True), accuracies)
        for trial in result["trials"]:
            self.assertEqual(2, len(trial["accuracy_by_seed"]))
            self.assertAlmostEqual(sum(trial["accuracy_by_seed"]) / 2, trial["accuracy"])
            self.assertLessEqual(trial["accuracy_ci"][0], trial["accuracy"])
        self.assertNotIn("behind_best", result["trials"][0])
        self.assertAlmostEqual(accuracies[0] - accuracies[-1], result["trials"][-1]["behind_best"])
        self.assertEqual(FILES, sorted(name for name in self.bytes_of("t")))
        rows = self.csv("t")
        self.assertEqual(8, len(rows))
        self.assertEqual({"3", "4"}, {row["seed"] for row in rows})
        for row in rows:
            trial = next(t for t in result["trials"] if t["trial"] == int(row["trial"]))
            self.assertAlmostEqual(float(row["validation_accuracy"]),
                                   trial["accuracy_by_seed"][int(row["seed"]) - 3])

    def test_heat_map(self):
        result = self.tune("t", *GRID).json
        heat = result["heat_map"]
        self.assertEqual(("distill.temperature", "distill.alpha"), (heat["rows"], heat["columns"]))
        self.assertEqual((["1", "4"], ["0.5", "0.9"]), (heat["row_labels"], heat["column_labels"]))
        for trial in result["trials"]:
            row = heat["row_labels"].index(str(trial["values"]["distill.temperature"]))
            column = heat["column_labels"].index(str(trial["values"]["distill.alpha"]))
            self.assertAlmostEqual(trial["accuracy"], heat["accuracy"][row][column])
        page = self.qstill("tune", "recipe.yaml", "--out", "t", "--resume", *SMALL, *GRID).out
        best = result["trials"][0]
        self.assertIn(f"{100 * best['accuracy']:.2f} %", page)
        self.assertIn("distill.temperature down, distill.alpha across", page)
        self.assertRegex(page, r"\d\d\.\d\d\*")
        if shutil.which("gnuplot"):
            picture = (self.folder / "t/heatmap.svg").read_text()
            self.assertIn("<svg", picture)
            self.assertIn(f"{100 * best['accuracy']:.2f}", picture)
            self.assertIn("t/heatmap.svg", page)

    def test_without_gnuplot(self):
        result = self.qstill("tune", "recipe.yaml", "--out", "t", *SMALL, *GRID, env=program.environment(PATH="/nowhere"))
        self.assertIn("t/tune.json", result.out)
        self.assertFalse((self.folder / "t/heatmap.svg").exists())

    def test_the_best_recipe_runs_and_validates_the_same(self):
        """best.yaml is a whole recipe; its student has the validation accuracy that the search saw."""
        result = self.tune("t", *GRID).json
        best = result["trials"][0]
        recipe = (self.folder / "t/best.yaml").read_text()
        self.assertNotIn("tune:", recipe)
        self.assertRegex(recipe, rf"temperature: {best['values']['distill.temperature']}\n")
        report = self.qstill("run", "t/best.yaml", "--out", "r", "--json").json
        metrics = list(csv.DictReader(io.StringIO((self.folder / "r/metrics.csv").read_text())))
        for seed, accuracy in ((3, best["accuracy_by_seed"][0]), (4, best["accuracy_by_seed"][1])):
            epochs = [float(row["validation_accuracy"]) for row in metrics
                      if row["model"] == "student" and row["seed"] == str(seed)]
            self.assertAlmostEqual(max(epochs), accuracy)
        self.assertEqual(2, report["seeds"])

    def test_test_rows_are_never_looked_at(self):
        """Whatever the test rows hold, not a number of the result changes."""
        self.qstill("data", "recipe.yaml", "--out", "d")
        first = self.one_seed("a")
        lines = program.cloud_csv().splitlines()
        changed = 0
        for row in self.rows_of_the_test_part("d"):
            values = lines[1 + row].split(",")
            lines[1 + row] = ",".join([repr(float(value) + 50) for value in values[:4]] + values[4:])
            changed += 1
        self.assertGreater(changed, 20)
        self.write("clouds.csv", "\n".join(lines) + "\n")
        self.assertEqual(first, self.one_seed("b"))

    def one_seed(self, folder):
        """Every seed has a test part of its own."""
        return self.qstill("tune", "recipe.yaml", "--out", folder, "--json", "--seeds", "1", *SMALL[:4], *GRID).json

    def rows_of_the_test_part(self, folder):
        data = (self.folder / folder / "dataset.safetensors").read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + length])

        def array(name, code, size):
            begin, end = header[name]["data_offsets"]
            return struct.unpack(f"<{(end - begin) // size}{code}", data[8 + length + begin:8 + length + end])
        return [row for row, split in zip(array("id", "q", 8), array("split", "B", 1)) if split == 2]

    def test_ranges_and_random(self):
        options = ["--search", "random", "--trials", "5", "--over", "student.train.learning_rate={log: [0.001, 0.1]}",
                   "--over", "student.layers={linear: [1, 3]}"]
        trials = self.tune("t", *options).json["trials"]
        self.assertEqual(5, len(trials))
        for trial in trials:
            self.assertTrue(0.001 <= trial["values"]["student.train.learning_rate"] <= 0.1)
            self.assertIn(trial["values"]["student.layers"], (1, 2, 3))
        self.assertEqual(5, len({json.dumps(trial["values"]) for trial in trials}))
        again = self.tune("u", *options).json["trials"]
        self.assertEqual(trials, again)
        other = self.tune("v", *options, "--seed", "9").json["trials"]
        self.assertNotEqual([t["values"] for t in trials], [t["values"] for t in other])

    def test_a_grid_of_a_range(self):
        trials = self.tune("t", "--over", "student.train.learning_rate={log: [0.001, 0.1], steps: 3}").json["trials"]
        self.assertEqual([0.001, 0.01, 0.1], sorted(t["values"]["student.train.learning_rate"] for t in trials))

    def test_halving(self):
        options = ["--search", "halving", "--trials", "6", "--over", "student.train.learning_rate={log: [0.005, 0.1]}",
                   "--set", "student.train.epochs=6"]
        arguments = ["tune", "recipe.yaml", "--out", "t", "--json", "--seeds", "2", *options]
        result = self.qstill(*arguments).json
        self.assertEqual(2, result["rounds"])
        self.assertEqual([2, 2, 1, 1, 1, 1], [trial["round"] for trial in result["trials"]])
        self.assertEqual([6, 6, 2, 2, 2, 2], [trial["epochs"] for trial in result["trials"]])
        self.assertRegex((self.folder / "t/best.yaml").read_text(), r"epochs: 6\n")
        log = (self.folder / "t/log.txt").read_text()
        self.assertEqual(6 * 2 + 2 * 2, len(re.findall(r"^trial-", log, re.M)), log)  # who is out is not trained again

    def test_methods(self):
        """A loss without temperature and alpha is one trial, not one for each of them."""
        trials = self.tune("t", "--over", "distill.loss=kd,logit_mse", *GRID).json["trials"]
        self.assertEqual(5, len(trials))
        [other] = [t for t in trials if t["values"]["distill.loss"] == "logit_mse"]
        self.assertEqual(["distill.loss"], list(other["values"]))

    def test_teachers_are_shared(self):
        """One teacher a seed for all combinations; one more where the teacher differs."""
        for folder, options, n_teachers in (("t", GRID, 2), ("u", ["--over", "teacher.layers=1,2"], 4)):
            self.tune(folder, *options)
            log = (self.folder / folder / "log.txt").read_text()
            self.assertEqual(n_teachers, len(re.findall(r"^\S+: teacher: ", log, re.M)), log)

    def test_the_recipe_section(self):
        self.write("recipe.yaml", program.RECIPE + "tune: {seeds: 1, over: {distill: {alpha: [0.5, 1]}, "
                                                   "student.train.learning_rate: [0.05]}}\n")
        result = self.qstill("tune", "recipe.yaml", "--out", "t", "--json", "--set", "student.train.epochs=2").json
        self.assertEqual((1, ["distill.alpha", "student.train.learning_rate"]), (result["seeds"], result["keys"]))
        resolved = (self.folder / "t/recipe.yaml").read_text()
        self.assertIn("tune:", resolved)
        self.write("again.yaml", resolved)
        again = self.qstill("tune", "again.yaml", "--out", "u", "--json").json
        self.assertEqual(result["trials"], again["trials"])

    def test_threads(self):
        options = ["--search", "halving", "--trials", "4", "--over", "student.train.learning_rate={log: [0.005, 0.1]}"]
        self.tune("one", *options, "--threads", "1")
        self.tune("many", *options, "--threads", "3")
        self.assertEqual(self.bytes_of("one"), self.bytes_of("many"))

    def test_killed_and_resumed(self):
        """Killed at any time, a search goes on and ends in the same bytes."""
        options = [*GRID, "--set", "student.train.epochs=60", "--set", "checkpoint.every_s=0", "--threads", "2"]
        arguments = ["tune", "recipe.yaml", "--json", *SMALL[2:], *options, "--out"]
        whole = self.qstill(*arguments, "whole").json
        for attempt, wait in enumerate((0.15, 0.5, 1.0)):
            process = self.start(*arguments, "killed", *(["--resume"] if attempt else []))
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        resumed = self.qstill(*arguments, "killed", "--resume").json
        self.assertEqual(whole["trials"], resumed["trials"])
        self.assertEqual(self.bytes_of("whole"), self.bytes_of("killed"))

    def wait_for(self, name):
        for _ in range(600):
            if (self.folder / name).exists():
                return
            time.sleep(0.05)
        self.fail(f"{name} never came")

    def test_killed_while_it_wrote_its_first_file(self):
        self.write("t/.qstill-1234.tmp", "half a rec")
        self.refused(7, "not an empty folder", "tune", "recipe.yaml", "--out", "t", *SMALL, *GRID)
        self.tune("t", "--resume", *GRID)
        self.assertEqual(FILES, sorted(self.bytes_of("t")))

    def test_interrupted(self):
        process = self.start("tune", "recipe.yaml", "--out", "t", *GRID, "--set", "student.train.epochs=4000")
        self.wait_for("t/recipe.yaml")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual((130, b""), (process.returncode, out))
        self.assertIn(b"--resume --out t goes on", err)
        self.refused(5, "another recipe", "tune", "recipe.yaml", "--out", "t", "--resume", *GRID)

    def test_refusals(self):
        for message, options in (
                (r"--over distill.temprature: .*unknown key; did you mean distill.temperature",
                 ["--over", "distill.temprature=1,2"]),
                (r"distill.alpha: 2 is not in 0..1", ["--over", "distill.alpha=0.5,2"]),
                (r"alpha: 2 is not in 0..1", ["--over", "distill.temperature=1,2", "--over", "distill.alpha=0.5,2", "--over",
                                              "distill.loss=kd,logit_mse"]),
                (r"cannot be searched", ["--over", "seeds=1,2"]),
                (r"LOW < HIGH", ["--over", "distill.alpha={log: [0.5, 0.1]}"]),
                (r"^qstill: --search: \"bayes\" is not one of grid, random, halving$", ["--search", "bayes"]),
                (r"^qstill: --set tune.search: \"bayes\" is not one of", ["--set", "tune.search=bayes"]),
                (r"^qstill: --trials: tune.trials contradicts tune.search: a grid tries", [*GRID, "--trials", "5"]),
                (r"student.qubits=x: --over student.qubits: \"x\" is not a plain integer", ["--over", "student.qubits=2,x"]),
                (r"validation rows", [*GRID, "--set", "data.validation=0"]),
                (r"--over distill.alpha is given twice", ["--over", "distill.alpha=1", "--over", "distill.alpha=0"]),
                (r"not KEY=VALUE", ["--over", "distill.alpha"]),
        ):
            with self.subTest(options=options):
                self.refused(2, message, "tune", "recipe.yaml", "--out", "t", *options)
        self.assertFalse((self.folder / "t").exists())
        self.refused(8, "more than 10000 combinations", "tune", "recipe.yaml", "--out", "t",
                     *[word for key in ("distill.temperature", "distill.alpha", "student.train.learning_rate")
                       for word in ("--over", f"{key}={{linear: [0.1, 0.9], steps: 30}}")])


if __name__ == "__main__":
    program.main()
