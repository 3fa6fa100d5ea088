"""Runs with a device: four columns for every model with a circuit, training through noise and from shots, the teacher as
it is there, verdicts, files, and equal bytes whatever happens on the way."""
import csv
import io
import json
import shutil
import signal
import subprocess
import time

import program

RECIPE = """\
name: tiny
seeds: 5
data: {source: moons, samples: 80}
teacher: {qubits: 3, layers: 3, train: {epochs: 6, learning_rate: 0.1, batch: 16}}
student: {qubits: 2, layers: 1, train: {epochs: 4, learning_rate: 0.1, batch: 16}}
controls: [no_teacher, floor, noise_unaware]
device:
  qubits: 5
  error_1q: 0.002
  error_2q: 0.03
  readout: 0.03
  t1_us: 100
  t2_us: 80
  time_1q_ns: 35
  time_2q_ns: 300
  shots: 200
"""

COLUMNS = ("ideal", "shots", "device", "mitigated")
MODELS = ("teacher", "student", "control", "noise_unaware")
CHANNELS = "[{channel: depolarizing, p: 0.05, each: true}]"


class DeviceTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("recipe.yaml", RECIPE)

    def run_recipe(self, folder, *sets, seeds=1, options=()):
        arguments = [part for change in (f"seeds={seeds}", *sets) for part in ("--set", change)]
        return self.qstill("run", "recipe.yaml", "--out", folder, "--quiet", "--json", *options, *arguments).json

    def everything(self, folder):
        """All files of a run but what only time, place or chance decide."""
        files = {}
        for path in sorted((self.folder / folder).rglob("*")):
            if path.is_file() and path.name != "report.json":
                files[str(path.relative_to(self.folder / folder))] = path.read_bytes()
        return files


class Report(DeviceTest):
    @classmethod
    def setUpClass(cls):
        cls.folder_of_all = program.make_folder()
        (cls.folder_of_all / "recipe.yaml").write_text(RECIPE)
        done = subprocess.run([program.PROGRAM, "run", "recipe.yaml", "--out", "r", "--quiet"], cwd=cls.folder_of_all,
                              capture_output=True, env=program.environment(), check=True)
        cls.page = done.stdout.decode()
        cls.report = json.loads((cls.folder_of_all / "r/report.json").read_text())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder_of_all)

    def test_all_columns_of_all_models(self):
        device = self.report["device"]
        for model in MODELS:
            for column in COLUMNS:
                entry = device[model][column]
                self.assertEqual(len(entry["seeds"]), 5, (model, column))
                self.assertAlmostEqual(entry["accuracy"], sum(entry["seeds"]) / 5, delta=1e-12)
                self.assertTrue(all(0 <= share <= 1 for share in entry["agreement_seeds"]))
                self.assertEqual("corrected_accuracy" in entry, column in ("device", "mitigated"))
        self.assertEqual(device["teacher"]["ideal"]["accuracy"], self.report["teacher"]["accuracy"])
        self.assertEqual(device["student"]["ideal"]["accuracy"], self.report["student"]["accuracy"])
        self.assertEqual(device["teacher"]["ideal"]["agreement"], 1)
        self.assertEqual(device["student"]["ideal"]["agreement"], self.report["student"]["agreement"])
        self.assertEqual(device["noise_unaware"]["ideal"]["accuracy"],
                         self.report["controls"]["noise_unaware"]["model"]["accuracy"])

    def test_where_the_circuits_are(self):
        device = self.report["device"]
        self.assertEqual((device["qubits"], device["circuit_shots"], device["method"]), (5, 200, "exact"))
        for model, n_qubits in (("teacher", 3), ("student", 2)):
            placement = device[model]["placement"]
            self.assertEqual(len(placement["qubits"]), n_qubits)
            self.assertGreater(placement["depth"], 0)
            self.assertTrue(0 < placement["fidelity"] < 1)
            self.assertTrue(all(abs(a - b) == 1 for a, b in placement["edges"]))  # a line
        self.assertLess(device["student"]["placement"]["depth"], device["teacher"]["placement"]["depth"])

    def test_curves_pass_through_the_column(self):
        device = self.report["device"]
        self.assertEqual([point["strength"] for point in device["student"]["curve"]], [0, 0.5, 1, 2, 4])
        for model in ("teacher", "student"):
            self.assertEqual(device[model]["curve"][2]["seeds"], device[model]["device"]["seeds"])
        self.assertNotIn("curve", device["control"])
        strength, depth = device["crossover"]["strength"], device["crossover"]["depth"]
        if strength is not None:
            self.assertAlmostEqual(depth, strength * device["teacher"]["placement"]["depth"], delta=1e-9)

    def test_comparisons_are_paired(self):
        device = self.report["device"]
        for key, first, second in (("over_teacher", "student", "teacher"), ("over_control", "student", "control"),
                                   ("over_noise_unaware", "student", "noise_unaware")):
            seeds = [100 * (a - b)
                     for a, b in zip(device[first]["device"]["seeds"], device[second]["device"]["seeds"])]
            for found, wanted in zip(device[key]["seeds"], seeds):
                self.assertAlmostEqual(found, wanted, delta=1e-9)
            self.assertIn(device[key]["verdict"], ("BEATS", "NO DIFFERENCE", "WORSE"))
            self.assertIn("on the device", device[key]["verdict_text"])
        loss = device["teacher_loss"]
        self.assertAlmostEqual(loss["points"],
                               100 * (device["teacher"]["ideal"]["accuracy"] - device["teacher"]["device"]["accuracy"]),
                               delta=1e-9)
        self.assertNotIn("verdict", loss)

    def test_page_and_table(self):
        for line in (r"(?m)^  on the device +ideal +shots only +device +mitigated +corrected +agrees$",
                     r"(?m)^  teacher +\d+\.\d ± \d", r"(?m)^  noise_unaware +\d+\.\d ± \d",
                     r"(?m)^  student against noise_unaware +[+-]", r"(?m)^  teacher, from ideal to device +[+-]",
                     r"(?m)^  noise of strength 0: teacher \d", r"(?m)^  crossover: "):
            self.assertRegex(self.page, line)
        text = (self.folder_of_all / "r/device.csv").read_text()
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual(len(rows), 5 * (4 * 4 + 2 * 5))
        means = [float(row["accuracy"]) for row in rows if row["model"] == "teacher" and row["condition"] == "device"]
        self.assertAlmostEqual(sum(means) / 5, self.report["device"]["teacher"]["device"]["accuracy"], delta=1e-12)


class Training(DeviceTest):
    def test_through_noise_or_not(self):
        """noise_unaware is the student of train: ideal, to the last bit, and not the one that is trained through noise."""
        aware = self.run_recipe("a", "device.strength=4")
        unaware = self.run_recipe("u", "device.train=ideal")
        weights = [(self.folder / path / "model.safetensors").read_bytes()
                   for path in ("a/default/seed-1/noise_unaware", "u/default/seed-1/student",
                                "a/default/seed-1/student")]
        self.assertEqual(weights[0], weights[1])
        self.assertNotEqual(weights[0], weights[2])
        self.assertIsNone(unaware["device"]["noise_unaware"])
        self.assertIn("Control noise_unaware left out: the student is not trained through noise.", unaware["notes"])
        self.assertEqual(aware["device"]["training"]["strength"], [4, 4])
        self.assertEqual(aware["device"]["over_teacher"]["verdict"], "TOO FEW RUNS")

    def test_from_shots(self):
        for name, sets in (("shift", ()), ("spsa", ("device.gradient=spsa",))):
            report = self.run_recipe(name, "device.train_shots=20", *sets)
            log = (self.folder / name / "log.txt").read_text().splitlines()
            said = [line for line in log if "training from shots takes at most" in line]
            self.assertEqual(len(said), 1)
            self.assertLess(log.index(said[0]), [i for i, line in enumerate(log) if "test accuracy" in line][0])
            most = int(said[0].split("at most ")[1].split()[0])
            used = sum(report["device"][model]["training_shots"] for model in ("student", "control", "noise_unaware"))
            self.assertEqual(used, most)
            self.assertEqual(report["device"]["training"]["gradient"], name)
        short = self.qstill("run", "recipe.yaml", "--out", "s", "--set", "device.train_shots=20", "--set",
                            "device.budget_shots=40", code=2)
        self.assertIn("device.budget_shots: 40 have no room for one step of 16 rows and its validation, which take ",
                      short.err)
        self.assertNotIn("teacher", short.err)  # nothing was trained before
        loud = self.qstill("run", "recipe.yaml", "--out", "l", "--set", "device.train_shots=20", "--set", "seeds=1",
                           "--set", "device.gradient=spsa").err
        self.assertIn(f"qstill: {said[0]}\n", loud)
        self.assertLess(loud.index(said[0]), loud.index("seed 1 of 1"))
        budget = self.run_recipe("b", "device.train_shots=20", "device.budget_shots=40000")
        for model in ("student", "control", "noise_unaware"):
            self.assertTrue(0 < budget["device"][model]["training_shots"] <= 40000)

    def test_distances_without_what_shots_add(self):
        """Shots add their variance to the raw distance of the outputs, and nothing to the corrected one."""
        same = ("student.qubits=3", "controls=[noise_unaware]", "device.strengths=[1]", "data.samples=800")
        few = self.run_recipe("few", *same, "device.shots=20")["device"]["student"]
        exact = self.run_recipe("exact", *same, "device.shots=0")["device"]["student"]
        for column in COLUMNS[:3]:
            true = exact[column]["distance"]
            self.assertAlmostEqual(exact[column]["distance_corrected"], true, delta=1e-12)
            if column == "ideal":
                self.assertEqual(few[column]["distance"], true)
                continue
            bias = few[column]["distance"] - few[column]["distance_corrected"]
            self.assertTrue(0.02 < bias < 0.3, bias)  # 3 outputs, two sides, at most 1/19 each
            self.assertLess(abs(few[column]["distance_corrected"] - true), 0.4 * bias)
            self.assertEqual(len(few[column]["distance_corrected_seeds"]), 1)
        other = self.run_recipe("other", "device.strengths=[1]")["device"]["student"]  # 2 qubits beside 3
        self.assertIsNone(other["device"]["distance"])

    def test_keys_without_effect(self):
        sets = ("--set", "device.twirl=true", "--set", "device.trajectories=7", "--set", "seeds=1")
        said = self.qstill("run", "recipe.yaml", "--out", "r", *sets).err
        for key in ("twirl", "trajectories"):
            self.assertIn(f"device.{key} changes nothing: no circuit here draws its noise", said)
        drawn = self.qstill("run", "recipe.yaml", "--out", "d", *sets, "--set", "device.method=trajectories").err
        self.assertNotIn("changes nothing", drawn)

    def test_channels_without_a_device(self):
        self.write("recipe.yaml", RECIPE[:RECIPE.index("device:")] + f"device: {{noise: {CHANNELS}, readout: 0.1}}\n")
        device = self.run_recipe("r")["device"]
        self.assertEqual((device["name"], device["qubits"]), ("noise", None))
        self.assertIsNone(device["student"]["placement"])
        self.assertIsNone(device["crossover"]["depth"])
        self.assertIsNotNone(device["student"]["device"]["accuracy"])

    def test_a_calibration(self):
        """The two files of a device, relative to the current folder; no dead pair, and no other qubits than the region's."""
        for name in ("props_manila.json", "conf_manila.json"):
            shutil.copy(program.SOURCE / "tests/golden/devices" / name, self.folder)
        self.write("recipe.yaml", RECIPE[:RECIPE.index("device:")] + "device:\n  file: [props_manila.json, "
                   "conf_manila.json]\n  shots: 200\n  region: [2, 3, 4]\n")
        device = self.run_recipe("r")["device"]
        self.assertEqual((device["name"], device["qubits"]), ("ibmq_manila", 5))
        for model in MODELS:
            self.assertLessEqual(set(device[model]["placement"]["qubits"]), {2, 3, 4}, model)
        self.assertGreater(device["student"]["placement"]["duration_ns"], 0)
        self.refused(3, "device.file: ", "run", "recipe.yaml", "--out", "s", "--quiet", "--set",
                     "device.file=recipe.yaml")

    def test_exact_values(self):
        device = self.run_recipe("r", "device.shots=0")["device"]
        for model in MODELS:
            self.assertEqual(device[model]["shots"], device[model]["ideal"], model)

    def test_without_noise_the_device_is_ideal(self):
        zero = [f"device.{key}=0" for key in ("error_1q", "error_2q", "readout", "t1_us", "t2_us", "shots")]
        report = self.run_recipe("r", *zero)
        device = report["device"]
        for model in MODELS:
            for column in COLUMNS[1:]:
                self.assertEqual(device[model][column]["seeds"], device[model]["ideal"]["seeds"], (model, column))
        corrected = device["teacher"]["device"]  # by the lines that leave all as it is
        self.assertEqual(corrected["corrected_seeds"], device["teacher"]["ideal"]["seeds"])
        self.assertEqual(corrected["corrected_agreement"], 1)


    def test_the_stage_trains_the_same_student(self):
        self.run_recipe("r", "device.strength=3")
        self.qstill("data", "recipe.yaml", "--out", "d")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "--out", "t", "--quiet")
        self.qstill("knowledge", "--teacher", "t", "--data", "d", "--out", "k")
        student = ("student", "recipe.yaml", "--knowledge", "k", "--data", "d", "--quiet", "--set", "device.strength=3")
        self.qstill(*student, "--out", "s")
        self.assertEqual((self.folder / "s/model.safetensors").read_bytes(),
                         (self.folder / "r/default/seed-1/student/model.safetensors").read_bytes())
        self.refused(2, "device.teacher: this stage learns from the knowledge it is given", *student, "--out", "u", "--set",
                     "device.teacher=device")

    def test_a_chain_and_a_search(self):
        """What stands between teacher and student is trained without noise; a search goes over keys of the device."""
        report = self.run_recipe("r", "distill.assistants=[{layers: 2}]")
        self.assertEqual(len(report["chain"]), 1)
        self.assertIsNotNone(report["device"]["over_teacher"])
        self.qstill("tune", "recipe.yaml", "--out", "t", "--quiet", "--set", "tune.seeds=1", "--set",
                    "tune.over={device.strength: [1, 3]}")
        trials = (self.folder / "t/trials.csv").read_text().splitlines()
        self.assertEqual(len(trials), 3)


class Teacher(DeviceTest):
    def test_knowledge_from_the_device(self):
        """The student learns from other scores; what it is examined by is the teacher without noise."""
        for which in ("device", "mitigated"):
            report = self.run_recipe(which, f"device.teacher={which}", "device.readout=0.2")
            scores = (self.folder / which / "seed-1/knowledge/knowledge.safetensors").read_bytes()
            lesson = (self.folder / which / "default/seed-1/lesson/knowledge.safetensors").read_bytes()
            self.assertNotEqual(scores, lesson)
            self.assertEqual(report["device"]["knowledge"], which)
            self.assertEqual(report["device"]["teacher"]["ideal"]["agreement"], 1)
        self.assertNotEqual((self.folder / "device/default/seed-1/lesson/knowledge.safetensors").read_bytes(), lesson)

    def test_one_that_does_not_fit_is_left_out(self):
        report = self.run_recipe("r", "device.qubits=2")
        self.assertIsNone(report["device"]["teacher"])
        self.assertIsNone(report["device"]["over_teacher"])
        self.assertIsNotNone(report["device"]["student"])
        self.assertTrue([note for note in report["notes"] if note.startswith("The teacher is not measured on the device")])
        self.refused(5, "the teacher on the device: ", "run", "recipe.yaml", "--out", "s", "--quiet", "--set",
                     "device.qubits=2", "--set", "device.teacher=device")
        self.refused(5, "the student on the device: ", "run", "recipe.yaml", "--out", "t", "--quiet", "--set",
                     "device.qubits=2", "--set", "student.qubits=3")
        self.assertFalse((self.folder / "s/seed-1").exists())

    def test_refused(self):
        for sets, message in ((("teacher.ensemble=2", "device.teacher=device"), "device.teacher contradicts teacher.ensemble"),
                              (("device.file=a.json",), r"recipe.yaml:\d+:\d+: device.qubits contradicts device.file"),
                              (("device.shotts=3",), "unknown key; did you mean device.shots"),
                              (("device.layout=[0, 1, 2]",), "device.layout contradicts student.qubits"),
                              (("device.train_shots=5", "device.strength=[0, 1]"), "device.strength contradicts")):
            arguments = [part for change in sets for part in ("--set", change)]
            self.refused(2, message, "run", "recipe.yaml", "--out", "r", *arguments)

    def test_settings(self):
        """The teacher is trained once, and measured once where it is measured alike."""
        self.write("recipe.yaml", RECIPE + "settings:\n  - {name: aware}\n  - {name: ideal, set: {device.train: ideal}}\n"
                   "  - {name: worse, set: {device.error_2q: 0.2}}\n  - {name: none, set: {device: null, controls: none}}\n")
        report = self.run_recipe("r")
        aware, ideal, worse, none = report["settings"]
        self.assertEqual(aware["device"]["teacher"], ideal["device"]["teacher"])
        self.assertNotEqual(aware["device"]["teacher"], worse["device"]["teacher"])
        self.assertIsNone(none["device"])
        self.assertFalse((self.folder / "r/worseseed-1").exists() or (self.folder / "r/worse/seed-1/teacher").exists())

    def test_conditions(self):
        self.run_recipe("r", "verify.require={device.student.device.accuracy: 0, device.crossover.strength: {min: -1}}")
        self.qstill("run", "recipe.yaml", "--out", "s", "--quiet", "--set", "seeds=1", "--set",
                    "verify.require={device.over_teacher.points: 101}", code=1)


class EqualBytes(DeviceTest):
    SETS = ("device.train_shots=10", "device.strength=2")

    def test_threads(self):
        reports = [self.run_recipe(f"t{n}", *self.SETS, seeds=2, options=("--threads", n)) for n in (1, 3)]
        self.assertEqual(reports[0]["device"], reports[1]["device"])
        self.assertEqual(self.everything("t1"), self.everything("t3"))

    def test_stopped_and_resumed(self):
        sets = (*self.SETS, "checkpoint.every_s=0", "student.train.epochs=40")
        begin = time.monotonic()
        self.run_recipe("whole", *sets, seeds=2)
        duration, stopped = time.monotonic() - begin, 0
        arguments = [part for change in ("seeds=2", *sets) for part in ("--set", change)]
        for attempt in range(4):
            resume = ["--resume"] if (self.folder / "r").exists() else []
            process = self.start("run", "recipe.yaml", "--out", "r", "--quiet", *resume, *arguments)
            time.sleep((0.2 + 0.1 * attempt) * duration)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            stopped += process.returncode == 130
        self.assertGreater(stopped, 0)
        self.qstill("run", "recipe.yaml", "--out", "r", "--resume", "--quiet", *arguments)
        whole, resumed = self.everything("whole"), self.everything("r")
        whole.pop("log.txt"), resumed.pop("log.txt")
        self.assertEqual(whole, resumed)


if __name__ == "__main__":
    program.main()
