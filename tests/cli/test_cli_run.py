"""`qstill run`: the report's keys, the run folder, conditions, and stopping and resuming."""
import csv
import json
import random
import re
import shutil
import signal
import time

import program
from program import CloudTest

SETTINGS = """\
settings:
  - {name: all-labels}
  - {name: few-labels, set: {distill.label_fraction: 0.3}}
"""

# A third setting has a teacher of its own, and students that begin with its weights.
MORE_SETTINGS = SETTINGS + """\
  - name: warm
    set: {teacher.layers: 1, student.qubits: 3, student.layers: 1, distill.initial_weights: true}
"""

# Students whose loss jumps so high that they step back, with a warning each time.
WARNED = ["--set", "student.train.learning_rate=0.5", "--set", "distill.alpha=1", "--set", "student.outputs=[z]",
          "--set", "student.train.epochs=60"]


class Report(CloudTest):
    def assert_share(self, value):
        self.assertIsInstance(value, (int, float))
        self.assertTrue(0 <= value <= 1, value)

    def assert_interval(self, interval, value):
        low, high = interval
        self.assertLessEqual(low, value + 1e-12)
        self.assertGreaterEqual(high, value - 1e-12)

    def assert_setting(self, report, n_seeds):
        """Everything that issue 3 promises of a report and of each of its settings."""
        for role in ("teacher", "student", "control", "floor"):
            self.assert_share(report[role]["accuracy"])
            self.assert_interval(report[role]["accuracy_ci"], report[role]["accuracy"])
        for role in ("student", "control"):
            self.assert_share(report[role]["agreement"])
        self.assertGreaterEqual(report["student"]["output_mse"], 0)
        self.assertAlmostEqual(report["gain"]["points"],
                               100 * (report["student"]["accuracy"] - report["control"]["accuracy"]), delta=1e-9)
        self.assert_interval(report["gain"]["ci"], report["gain"]["points"])
        self.assertIn(report["verdict"], ("BEATS", "NO DIFFERENCE", "WORSE", "TOO FEW RUNS"))
        if n_seeds < 5:
            self.assertEqual(report["verdict"], "TOO FEW RUNS")
        for key in ("qubits", "depth", "two_qubit_gates"):
            self.assertEqual(set(report["compression"][key]), {"teacher", "student"}, key)
        self.assertEqual(report["compression"]["qubits"], {"teacher": 3, "student": 2})
        for role in ("teacher", "student"):
            self.assertLessEqual({"quantum", "classical"}, set(report["compression"]["parameters"][role]))
        self.assertEqual(report["seeds"], n_seeds)
        for key in ("teacher", "student", "total"):
            self.assertGreaterEqual(report["time_s"][key], 0)

    def test_report(self):
        self.write("recipe.yaml", program.RECIPE + SETTINGS)
        result = self.qstill("run", "recipe.yaml", "--out", "r", "--json")
        report = result.json
        self.assert_setting(report, 2)
        self.assertEqual([setting["name"] for setting in report["settings"]], ["all-labels", "few-labels"])
        for setting in report["settings"]:
            self.assert_setting(setting, 2)
        for key in ("teacher", "student", "control", "floor", "gain", "verdict", "compression"):
            self.assertEqual(report[key], report["settings"][0][key], key)
        self.assertEqual(result.out.strip(), (self.folder / "r" / "report.json").read_text().strip())
        for name in ("recipe.yaml", "report.json", "metrics.csv", "log.txt"):
            self.assertTrue((self.folder / "r" / name).is_file(), name)
        self.assertNotIn(".tmp", " ".join(str(path) for path in (self.folder / "r").rglob("*")))

    def test_terms_and_schedules(self):
        self.write("recipe.yaml", program.RECIPE.split("distill:")[0] + "distill:\n  loss: dkd\n  temperature: 4\n"
                   "  temperature_schedule: linear\n  alpha: 0.8\n  epochs: [2, 3]\n  terms:\n"
                   "    - {loss: similarity_fidelity, weight: 10}\n    - {loss: rkd_angle, epochs: [3, 9]}\n")
        self.qstill("run", "recipe.yaml", "--out", "r", "--set", "seeds=1", "--set", "student.train.epochs=4")
        with (self.folder / "r/metrics.csv").open() as file:
            lines = list(csv.DictReader(file))
        student = [line for line in lines if line["model"] == "student"]
        self.assertEqual([line["epoch"] for line in student], ["1", "2", "3", "4"])
        self.assertEqual([line["soft_loss"] != "" for line in student], [False, True, True, False])
        self.assertEqual([line["term_2_loss"] != "" for line in student], [False, False, True, True])
        for line in student:
            for column in ("hard_loss", "gradient_norm", "hard_gradient", "term_1_loss", "term_1_gradient"):
                self.assertGreater(float(line[column]), 0, column)
        for line in lines:
            if line["model"] in ("teacher", "control"):
                self.assertEqual((line["soft_loss"], line["term_1_loss"], line["term_2_gradient"]), ("", "", ""))
        again = self.qstill("run", "r/recipe.yaml", "--out", "r2")
        self.assertEqual((self.folder / "r/metrics.csv").read_text(), (self.folder / "r2/metrics.csv").read_text())
        self.assertIn("student", again.out)

    def test_log(self):
        report = self.qstill("run", "recipe.yaml", "--out", "r", "--quiet", "--json", "--set", "seeds=1").json
        log = (self.folder / "r/log.txt").read_text()
        for role, name in (("teacher", "seed-3"), *((role, "default/seed-3") for role in ("student", "control", "floor"))):
            self.assertIn(f"{name}: {role}: test accuracy {100 * report[role]['accuracy']:.2f} %", log)
        controls = {name: control for name, control in report["controls"].items() if control}
        for name, control in controls.items():
            self.assertIn(f"default/seed-3: {name}: test accuracy {100 * control['model']['accuracy']:.2f} %", log)
        self.assertEqual(len(log.splitlines()), 5 + len(controls))

    def test_page(self):
        page = self.qstill("run", "recipe.yaml", "--out", "r").out
        for word in ("teacher", "student", "control", "floor", "qubits", "TOO FEW RUNS", "r/report.json"):
            self.assertIn(word, page)

    def test_five_seeds_get_a_verdict(self):
        report = self.qstill("run", "recipe.yaml", "--out", "r", "--json", "--quiet", "--set", "seeds=5").json
        self.assert_setting(report, 5)
        self.assertIn(report["verdict"], ("BEATS", "NO DIFFERENCE", "WORSE"))

    def test_conditions(self):
        few = ["--set", "seeds=1", "--quiet"]
        holds = self.qstill("run", "recipe.yaml", "--out", "a", *few, "--set", "verify.require={student.accuracy: 0}")
        self.assertIn("student", holds.out)
        fails = self.qstill("run", "recipe.yaml", "--out", "b", "--json", *few, "--set",
                            "verify.require={student.accuracy: 1.0, teacher.accuracy: 1.0, student.output_mse: {max: 0}}",
                            code=1)
        self.assertIn("student", fails.json)
        self.assertRegex(fails.err, r"qstill: .*verify\.require")

    def test_default_folder_counts_up(self):
        few = ["--set", "seeds=1", "--set", "teacher.train.epochs=1", "--set", "student.train.epochs=1"]
        for number in (1, 2):
            self.qstill("run", "recipe.yaml", *few)
            self.assertTrue((self.folder / f"runs/clouds-00{number}/report.json").is_file())

    def test_folder_that_is_not_empty(self):
        self.write("r/precious.txt", "kept")
        self.refused(7, r"\br\b", "run", "recipe.yaml", "--out", "r")
        self.assertEqual([path.name for path in (self.folder / "r").iterdir()], ["precious.txt"])

    def test_a_setting_named_like_a_part_of_the_run_folder(self):
        for name in ("checkpoints", "report.json"):
            self.refused(2, rf'"{name}" is taken', "run", "recipe.yaml", "--out", "r", "--set",
                         f"settings=[{{name: {name}}}]")
            self.assertFalse((self.folder / "r").exists())

    def test_seed_decides(self):
        few = ["--quiet", "--set", "seeds=1", "--set", "teacher.train.epochs=2", "--set", "student.train.epochs=2"]
        for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
            self.qstill("run", "recipe.yaml", "--out", folder, "--seed", seed, *few)
        self.assertEqual(self.artefacts("a"), self.artefacts("b"))
        self.assertNotEqual(self.artefacts("a"), self.artefacts("c"))

    def test_the_resolved_recipe_repeats_the_run(self):
        few = ["--quiet", "--set", "seeds=1", "--set", "teacher.train.epochs=2", "--set", "student.train.epochs=2"]
        self.qstill("run", "recipe.yaml", "--out", "a", *few)
        self.qstill("run", "a/recipe.yaml", "--out", "b", "--quiet")
        self.assertEqual(self.artefacts("a"), self.artefacts("b"))

    def test_recipe_errors_have_their_place(self):
        self.write("recipe.yaml", program.RECIPE.replace("temperature: [1, 2]", "temperature: 0"))
        self.refused(2, r"^qstill: recipe\.yaml:\d+:\d+: .*temperature: 0 is not > 0", "run", "recipe.yaml")
        self.write("recipe.yaml", program.RECIPE.replace("layers: 2", "layer: 2"))
        self.refused(2, r"^qstill: recipe\.yaml:\d+:\d+: .*layer.*layers", "run", "recipe.yaml")
        self.assert_no_leftovers("clouds.csv", "raw.csv", "recipe.yaml")


class Threads(CloudTest):
    def on_threads(self, counts, *arguments):
        for threads in counts:
            self.qstill("run", "recipe.yaml", "--out", f"t{threads}", "--threads", threads, "--quiet", *arguments)
            self.assert_same_run(f"t{threads}", f"t{counts[0]}")

    def test_the_same_bytes_for_any_number_of_threads(self):
        self.write("recipe.yaml", program.RECIPE + MORE_SETTINGS)
        self.on_threads((1, 2, 3, 7, 16), "--set", "seeds=5")
        controls = json.loads((self.folder / "t1/report.json").read_text())["controls"]
        n_further = sum(control is not None for control in controls.values())
        self.assertEqual(len(self.artefacts("t1")), 2 * 5 * (2 + 3 * (3 + n_further)))

    def test_one_seed(self):
        self.on_threads((1, 2, 3, 7), "--set", "seeds=1")

    def test_the_same_bytes_in_single_precision(self):
        self.on_threads((1, 3), "--set", "seeds=2", "--set", "precision=single")

    def test_warnings_come_in_the_order_of_seeds(self):
        self.write("recipe.yaml", program.RECIPE + SETTINGS)
        outputs = []
        for threads in (1, 2, 3, 7):
            result = self.qstill("run", "recipe.yaml", "--out", f"t{threads}", "--threads", threads, "--quiet", "--json",
                                 "--set", "seeds=5", *WARNED)
            self.assert_same_run(f"t{threads}", "t1")
            outputs.append((result.err, result.json["warnings"]))
        self.assertEqual(outputs[1:], outputs[:1] * 3)
        self.assertGreater(len(outputs[0][1]), 2)
        log = (self.folder / "t7/log.txt").read_text()
        for warning in outputs[0][1]:
            self.assertRegex(log, rf"(?m)^\S+/seed-\d+: [a-z_]+: warning: {re.escape(warning)}$")
        self.assertEqual(re.findall(r"(?m)^all-labels/seed-(\d+): student: test", log), ["3", "4", "5", "6", "7"])

    def test_the_report_tells_the_time_of_training(self):
        report = self.qstill("run", "recipe.yaml", "--out", "r", "--quiet", "--json", "--threads", 3).json
        self.assertGreater(report["time_s"]["training"], 0)
        self.assertLessEqual(report["time_s"]["training"], report["time_s"]["run"])
        self.assertRegex(self.qstill("run", "recipe.yaml", "--out", "s").out,
                         r"(?m)^  .*\d s, [\d.]+ s of it training · s/report\.json$")

    def test_the_first_failure_is_told(self):
        """Every student fails, whoever is first; nothing else is said."""
        for threads in (1, 3):
            result = self.refused(2, r"batch: 1000 is not in 1\.\.\d+", "run", "recipe.yaml", "--out", f"t{threads}",
                                  "--threads", threads, "--quiet", "--set", "seeds=4", "--set",
                                  "student.train.batch=1000")
            self.assertEqual(len(result.err.splitlines()), 1)
            self.assertIn("stopped: batch: 1000", (self.folder / f"t{threads}/log.txt").read_text())


class Resume(CloudTest):
    """A run stopped at random moments."""
    LONGER = ["--set", "checkpoint.every_s=0", "--set", "teacher.train.epochs=300", "--set", "student.train.epochs=200"]
    SEEDS = 1

    def setUp(self):
        super().setUp()
        self.options = [*self.LONGER, "--set", f"seeds={self.SEEDS}"]
        shutil.copytree(self.whole(), self.folder / "whole")
        self.duration = self.kept_duration

    def whole(self):
        """A run from its beginning to its end, made once for all tests of the class."""
        own = type(self)
        if "kept" not in vars(own):
            own.kept = program.make_folder()
            own.addClassCleanup(shutil.rmtree, own.kept, ignore_errors=True)
            begin = time.monotonic()
            self.qstill("run", "recipe.yaml", "--out", own.kept / "whole", "--quiet", *self.options)
            own.kept_duration = time.monotonic() - begin
        return own.kept / "whole"

    def stop_and_resume(self, number, moments, code, threads=(2,)):
        """`threads`: of one session after the other."""
        random.seed(moments)
        stopped = 0
        for attempt in range(moments):
            resume = ["--resume"] if (self.folder / "r").exists() else []
            process = self.start("run", "recipe.yaml", "--out", "r", *resume, *self.options, "--threads",
                                 threads[attempt % len(threads)])
            while process.poll() is None and not (self.folder / "r/recipe.yaml").exists():
                time.sleep(0.005)
            time.sleep(0.1 + random.uniform(0, 0.35) * self.duration)  # a session that resumes takes a while to begin
            process.send_signal(number)
            _, err = process.communicate(timeout=120)
            self.assertIn(process.returncode, (0, code), err.decode())
            stopped += process.returncode == code
            if process.returncode == 0 and stopped:
                break
            if process.returncode == 0:  # the machine has become faster
                shutil.rmtree(self.folder / "r")
                self.duration /= 2
        self.assertGreater(stopped, 0, "the run was over before the first signal")
        if process.returncode != 0:
            self.qstill("run", "recipe.yaml", "--out", "r", "--resume", "--quiet", *self.options)
        self.assert_same_run("r", "whole")

    def test_after_sigint(self):
        self.stop_and_resume(signal.SIGINT, 4, 130)

    def test_after_sigterm_with_other_threads(self):
        self.stop_and_resume(signal.SIGTERM, 3, 143, (3, 1, 2))

    def test_killed_behind_the_report(self):
        """What is left then is taken away by the session that finds all done."""
        self.qstill("run", "recipe.yaml", "--out", "r", "--quiet", *self.options)
        self.write("r/checkpoints/left.checkpoint", b"x")
        self.qstill("run", "recipe.yaml", "--out", "r", "--resume", "--quiet", *self.options)
        self.assert_same_run("r", "whole")

    def test_after_kill(self):
        self.stop_and_resume(signal.SIGKILL, 8, -signal.SIGKILL)

    def test_a_finished_run_is_done_again_at_once(self):
        again = self.qstill("run", "recipe.yaml", "--out", "whole", "--resume", "--quiet", "--json", *self.options)
        self.assertIn("student", again.json)

    def test_another_recipe_is_refused(self):
        self.refused(5, r"whole", "run", "recipe.yaml", "--out", "whole", "--resume", "--quiet", *self.options, "--seed",
                     "99")


class ResumeSideBySide(Resume):
    """Many trainings under way when the signal comes; some of them have warned."""
    LONGER = ["--set", "checkpoint.every_s=0", "--set", "teacher.train.epochs=40", *WARNED]
    SEEDS = 3

    def setUp(self):
        self.recipe = program.RECIPE + SETTINGS
        super().setUp()

    def write(self, name, content):
        return super().write(name, self.recipe if name == "recipe.yaml" else content)

    def test_after_sigint(self):
        self.stop_and_resume(signal.SIGINT, 6, 130, (7, 2, 3))

    def test_after_kill(self):
        self.stop_and_resume(signal.SIGKILL, 8, -signal.SIGKILL, (3, 7, 1))

    def test_what_was_trained_is_read_back(self):
        process = self.start("run", "recipe.yaml", "--out", "r", *self.options, "--threads", 3)
        checkpoints = self.folder / "r/checkpoints"
        while process.poll() is None and len(list(checkpoints.glob("*student*"))) < 2:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        for path in checkpoints.iterdir():
            path.write_bytes(path.read_bytes()[:-1])
        self.refused(6, r"checkpoints/\S+\.checkpoint", "run", "recipe.yaml", "--out", "r", "--resume", "--quiet",
                     *self.options)


if __name__ == "__main__":
    program.main()
