"""What stands before a student in `qstill run`: queries, wrong labels, ensembles, calibration, assistants, generations;
their refusals, resuming, threads."""
import json
import signal
import time

import program
from program import CloudTest



def short(seeds=1, teacher=3, student=3):
    return ["--quiet", "--set", f"seeds={seeds}", "--set", f"teacher.train.epochs={teacher}", "--set",
            f"student.train.epochs={student}"]


SHORT = short()
QUERIES = ["--set", "distill.queries.mixup=2", "--set", "distill.queries.noise=1"]
CHAIN = ["--set", "distill.assistants=[{qubits: 3}, {layers: 1, train.epochs: 2}]", "--set", "distill.generations=2"]
EVERYTHING = [*QUERIES, "--set", "distill.queries.file=unlabelled.csv", "--set", "distill.queries.budget=90", *CHAIN,
              "--set", "distill.label_noise=0.2", "--set", "distill.label_fraction=0.5", "--set", "teacher.ensemble=3",
              "--set", "teacher.calibrate=true"]


class Teaching(CloudTest):
    def setUp(self):
        super().setUp()
        rows = program.cloud_csv(labels=False).splitlines()
        self.write("unlabelled.csv", "\n".join(rows[:41]) + "\n")

    def report(self, folder, *options):
        return self.qstill("run", "recipe.yaml", "--out", folder, "--json", *options).json

    def lesson(self, folder):
        """The lengths of the arrays of a safetensors file, by name."""
        data = (self.folder / folder / "knowledge.safetensors").read_bytes()
        header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
        return {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}


class Queries(Teaching):
    def test_the_ledger_counts_what_was_asked(self):
        report = self.report("r", *SHORT, *QUERIES)
        n_train = report["runs"][0]["train"]
        self.assertEqual(report["queries"], {"file": 0, "mixup": 2 * n_train, "noise": n_train, "asked": 3 * n_train,
                                             "wanted": 3 * n_train})
        self.assertEqual(self.lesson("r/default/seed-3/lesson")["query_x"], [3 * n_train, 4])
        self.assertEqual(self.lesson("r/default/seed-3/lesson")["query_scores"], [3 * n_train, 3])
        self.assertNotIn("query_x", self.lesson("r/seed-3/knowledge"))
        self.assertIn(f"asked {3 * n_train} rows beyond the dataset, of {3 * n_train} wanted",
                      (self.folder / "r/log.txt").read_text())
        plain = self.report("s", *SHORT)
        self.assertEqual(plain["queries"]["asked"], 0)
        self.assertFalse((self.folder / "s/default/seed-3/lesson").exists())

    def test_the_budget(self):
        result = self.qstill("run", "recipe.yaml", "--out", "r", *SHORT, *QUERIES, "--set", "distill.queries.budget=50",
                             "--set", "distill.queries.file=unlabelled.csv")
        queries = json.loads((self.folder / "r/report.json").read_text())["queries"]
        self.assertEqual(queries["asked"], 50)
        self.assertGreater(min(queries[origin] for origin in ("file", "mixup", "noise")), 5)
        self.assertRegex(result.out, rf"the teacher was asked 50 further rows in all seeds: file \d+, mixup \d+, noise "
                                     rf"\d+; {queries['wanted']} were wanted")

    def test_settings_share_a_teacher(self):
        self.write("recipe.yaml", program.RECIPE + "settings:\n  - {name: none}\n"
                   "  - {name: mixup, set: {distill.queries.mixup: 2}}\n"
                   "  - {name: again, set: {distill.queries.mixup: 2, distill.label_fraction: 0.5}}\n")
        report = self.report("r", *SHORT)
        asked = [setting["queries"]["asked"] for setting in report["settings"]]
        self.assertEqual(asked, [0, 2 * report["runs"][0]["train"]] + asked[1:2])
        self.assertEqual(sorted(p.name for p in (self.folder / "r/seed-3").iterdir()), ["data", "knowledge", "teacher"])
        self.assertFalse((self.folder / "r/none/seed-3/lesson").exists())
        lessons = [(self.folder / f"r/{name}/seed-3/lesson/knowledge.safetensors").read_bytes()
                   for name in ("mixup", "again")]
        self.assertEqual(lessons[0], lessons[1])

    def test_a_teacher_from_a_file_answers_queries(self):
        """A model folder as teacher.file is asked as the same model trained here is."""
        self.qstill("run", "recipe.yaml", "--out", "r", *SHORT, *QUERIES)
        teacher = program.RECIPE[program.RECIPE.index("teacher:"):program.RECIPE.index("student:")]
        self.write("recipe.yaml", program.RECIPE.replace(teacher, "teacher: {file: r/seed-3/teacher}\n"))
        options = ["--quiet", "--set", "seeds=1", "--set", "student.train.epochs=3"]
        self.qstill("run", "recipe.yaml", "--out", "s", *options, *QUERIES)
        self.assertEqual(self.artefacts("s")["default/seed-3/student/model.safetensors"],
                         self.artefacts("r")["default/seed-3/student/model.safetensors"])
        report = self.report("t", *options, *QUERIES, *CHAIN)
        self.assertEqual(len(report["chain"]), 3)
        self.refused(2, r"distill\.match\.gradients contradicts teacher\.file", "run", "recipe.yaml", "--set",
                     "distill.match.gradients=1")

    def test_refusals(self):
        self.write("scores.csv", "\n".join(["1,0,0"] * 120) + "\n")
        table = ["--set", "teacher={scores: scores.csv, kind: probability}"]
        self.write("recipe.yaml", program.RECIPE.replace(program.RECIPE[program.RECIPE.index("teacher:"):
                                                                        program.RECIPE.index("student:")],
                                                         "teacher: {scores: scores.csv, kind: probability}\n"))
        self.refused(2, r"distill\.queries contradicts teacher\.scores: a table of outputs answers for its own rows only",
                     "run", "recipe.yaml", *table[:0], *QUERIES)
        self.refused(2, r"teacher\.ensemble contradicts teacher\.scores", "run", "recipe.yaml", "--set",
                     "teacher.ensemble=2")
        self.write("recipe.yaml", program.RECIPE)
        for options, message in (
                (["distill.queries.budget=5"], r"distill\.queries\.budget contradicts distill\.queries: nothing is asked"),
                (["distill.queries.noise_sd=2"], r"noise_sd contradicts distill\.queries\.noise"),
                (["distill.queries.mixup_least=1"], r"mixup_least contradicts distill\.queries\.mixup"),
                (["distill.queries.mixup=1", "distill.loss=ce", "distill.temperature=1"],
                 r"distill\.queries contradicts distill\.loss"),
                (["distill.generations=2", "distill.loss=ce", "distill.temperature=1"],
                 r"distill\.generations contradicts distill\.loss"),
                (["distill.label_noise=1"], r"label_noise: 1 is not < 1"),
                (["teacher.calibrate=true", "data.validation=0", "distill.temperature=1"],
                 r"teacher\.calibrate contradicts data\.validation"),
                (["teacher.ensemble=2", "distill.initial_weights=true"],
                 r"distill\.initial_weights contradicts teacher\.ensemble"),
                (["distill.assistants=[{qubit: 3}]"], r"student\.qubit: unknown key"),
                (["distill.assistants=[{layers: 0}]"], r"layers: 0 is not in 1\.\.10000"),
                (["distill.assistants=[4]"], r'assistants: "4" is not a map such as \{qubits: 8\}'),
                (["distill.assistants=4"], r'assistants: "4" is not a list of maps'),
                (["distill.queries.mixup=-1"], r"mixup: -1 is not in 0\.\.1000")):
            sets = [word for option in options for word in ("--set", option)]
            self.refused(2, message, "run", "recipe.yaml", *sets)
        self.refused(7, r"missing\.npy", "run", "recipe.yaml", "--out", "r", *SHORT, "--set",
                     "distill.queries.file=missing.npy")
        self.write("narrow.csv", "1,2\n3,4\n")
        self.refused(5, r"narrow\.csv: has 2 columns, the data source has 4 features", "run", "recipe.yaml", "--out", "s",
                     *SHORT, "--set", "distill.queries.file=narrow.csv")
        self.assertFalse((self.folder / "r/seed-1/teacher").exists(), "refused before the teacher is trained")


class Models(Teaching):
    def test_an_ensemble(self):
        report = self.report("r", *SHORT, "--set", "teacher.ensemble=3", "--set", "teacher.calibrate=true")
        self.assertEqual([member["name"] for member in report["members"]], ["teacher", "teacher-2", "teacher-3"])
        self.assertEqual(report["chain"], [])
        self.assertGreater(report["calibration"], 0)
        self.assertEqual(report["teacher"]["size"]["parameters"]["quantum"],
                         3 * report["members"][0]["size"]["parameters"]["quantum"])
        models = self.artefacts("r")
        weights = [models[f"seed-3/{name}/model.safetensors"] for name in ("teacher", "teacher-2", "teacher-3")]
        self.assertEqual(len(set(weights)), 3)
        single = self.report("s", *SHORT)
        self.assertEqual(self.artefacts("s")["seed-3/teacher/model.safetensors"], weights[0])
        self.assertEqual((single["members"], single["calibration"]), ([], None))
        self.assertEqual(json.loads((self.folder / "r/seed-3/knowledge/knowledge.json").read_text())["score_kind"],
                         "probability")
        page = self.qstill("run", "recipe.yaml", "--out", "t", *SHORT, "--set", "teacher.ensemble=3", "--set",
                           "teacher.calibrate=true").out
        self.assertRegex(page, r"teacher of 3 members: [\d.]+, [\d.]+, [\d.]+ % each · teacher calibrated at T = ")

    def test_an_ensemble_of_files(self):
        """The members of an ensemble, given as files, are the same teacher: the same student, to the last bit."""
        self.qstill("run", "recipe.yaml", "--out", "r", *SHORT, "--set", "teacher.ensemble=3")
        teacher = program.RECIPE[program.RECIPE.index("teacher:"):program.RECIPE.index("student:")]
        files = "teacher: {file: r/seed-3/teacher, more_files: [r/seed-3/teacher-2, r/seed-3/teacher-3]}\n"
        self.write("recipe.yaml", program.RECIPE.replace(teacher, files))
        options = ["--set", "seeds=1", "--set", "student.train.epochs=3"]
        report = self.report("s", "--quiet", *options)
        self.assertEqual(self.artefacts("s")["default/seed-3/student/model.safetensors"],
                         self.artefacts("r")["default/seed-3/student/model.safetensors"])
        whole = json.loads((self.folder / "r/report.json").read_text())
        self.assertEqual(report["teacher"]["accuracy"], whole["teacher"]["accuracy"])
        self.qstill("run", "s/recipe.yaml", "--out", "again", "--quiet")
        self.assert_same_run("again", "s")
        self.write("recipe.yaml", program.RECIPE.replace(teacher, "teacher: {scores: s.npy, kind: logit, more_files: [a]}\n"))
        self.refused(2, r"teacher\.more_files contradicts teacher\.file: the first one is not given", "run",
                     "recipe.yaml")

    def test_a_chain(self):
        result = self.qstill("run", "recipe.yaml", "--out", "r", *SHORT, *CHAIN)
        report = json.loads((self.folder / "r/report.json").read_text())
        self.assertEqual([step["name"] for step in report["chain"]], ["assistant-1", "assistant-2", "generation-1"])
        self.assertEqual([step["size"]["qubits"] for step in report["chain"]], [3, 2, 2])
        for step in report["chain"]:
            self.assertTrue(0 <= step["accuracy"] <= 1 and 0 <= step["agreement"] <= 1 and step["steps"] > 0)
        self.assertRegex(result.out, r"teacher \(3 qubits\) [\d.]+ % → assistant-1 \(3 qubits\) [\d.]+ % → assistant-2 "
                                     r"\(2 qubits\)")
        self.assertEqual(len([name for name in self.artefacts("r") if name.startswith("seed-3/")]), 2 * 4)
        log = (self.folder / "r/log.txt").read_text()
        for name in ("teacher", "assistant-1", "assistant-2", "generation-1"):
            self.assertIn(f"seed-3: {name}: test accuracy", log)
        # What the student learns from is what the last of the chain says, not the teacher.
        scores = [(self.folder / f"r/{path}/knowledge.json").read_text()
                  for path in ("seed-3/knowledge", "default/seed-3/lesson")]
        self.assertNotEqual(json.loads(scores[0])["teacher_sha256"], json.loads(scores[1])["teacher_sha256"])
        self.assertEqual(json.loads(scores[1])["teacher_size"]["qubits"], 2)

    def test_a_student_of_another_kind_has_assistants_of_its_own(self):
        report = self.report("r", *SHORT, "--set", "distill.assistants=[{model: logistic}]")
        self.assertEqual(report["chain"][0]["size"]["qubits"], None)

    def test_a_chain_from_a_table(self):
        self.write("scores.csv", "\n".join(["0.8,0.1,0.1", "0.1,0.8,0.1", "0.1,0.1,0.8"] * 40) + "\n")
        teacher = program.RECIPE[program.RECIPE.index("teacher:"):program.RECIPE.index("student:")]
        self.write("recipe.yaml", program.RECIPE.replace(teacher, "teacher: {scores: scores.csv, kind: probability, "
                                                                  "calibrate: true}\n"))
        report = self.report("r", "--set", "seeds=1", "--set", "student.train.epochs=3", *CHAIN)
        self.assertEqual(len(report["chain"]), 3)
        self.assertLess(report["calibration"], 1)

    def test_settings_with_a_chain_have_bases_of_their_own(self):
        self.write("recipe.yaml", program.RECIPE + "settings:\n  - {name: direct}\n"
                   "  - {name: chain, set: {distill.generations: 2}}\n")
        report = self.report("r", *SHORT)
        self.assertEqual([len(setting["chain"]) for setting in report["settings"]], [0, 1])
        models = self.artefacts("r")
        self.assertEqual(models["seed-3/teacher/model.safetensors"], models["chain/seed-3/teacher/model.safetensors"])

    def test_wrong_labels(self):
        clean = self.report("r", *SHORT)
        noisy = self.report("s", *SHORT, "--set", "distill.label_noise=0.4")
        self.assertEqual((clean["label_noise"], noisy["label_noise"]), (0, 0.4))
        models, others = self.artefacts("r"), self.artefacts("s")
        self.assertEqual(models["seed-3/teacher/model.safetensors"], others["seed-3/teacher/model.safetensors"])
        for role in ("student", "control", "floor"):
            name = f"default/seed-3/{role}/model.safetensors"
            self.assertNotEqual(models[name], others[name], role)

    def test_labels_beside_a_loss_without(self):
        """A student of logits alone reads no label in training; control and floor learn from as few and as wrong ones as any."""
        options = [*SHORT, "--set", "distill.loss=logit_mse", "--set", "distill.temperature=1", "--set",
                   "student.train.select=last"]
        self.report("r", *options)
        self.report("s", *options, "--set", "distill.label_fraction=0.3", "--set", "distill.label_noise=0.4")
        models, others = self.artefacts("r"), self.artefacts("s")
        for role, same in (("student", True), ("control", False), ("floor", False)):
            name = f"default/seed-3/{role}/model.safetensors"
            self.assertEqual(models[name] == others[name], same, role)


MATCHES = {"observables": "[z, zz]", "gradients": "0.1", "states": "0.5", "processes": "0.5"}


class Matching(Teaching):
    """Terms beside the scores: what the student is matched to in the teacher's circuit."""

    def setUp(self):
        super().setUp()
        self.write("recipe.yaml", program.RECIPE.replace("qubits: 3", "qubits: 2").replace("batch: 16", "batch: 24"))

    def options(self, *names):
        return [word for name in names for word in ("--set", f"distill.match.{name}={MATCHES[name]}")]

    def test_each_changes_the_student_alone(self):
        self.qstill("run", "recipe.yaml", "--out", "plain", *SHORT)
        plain = self.artefacts("plain")
        students = set()
        for name in MATCHES:
            self.qstill("run", "recipe.yaml", "--out", name, *SHORT, *self.options(name))
            models = self.artefacts(name)
            students.add(models["default/seed-3/student/model.safetensors"])
            for same in ("seed-3/teacher", "default/seed-3/control"):
                self.assertEqual(models[f"{same}/model.safetensors"], plain[f"{same}/model.safetensors"], (name, same))
        students.add(plain["default/seed-3/student/model.safetensors"])
        self.assertEqual(len(students), 5)

    def test_knowledge_holds_what_is_matched(self):
        self.qstill("run", "recipe.yaml", "--out", "r", *SHORT, *self.options("observables", "gradients"))
        shapes = self.lesson("r/seed-3/knowledge")
        self.assertEqual((shapes["observables"], shapes["input_gradients"]), ([120, 3], [120, 12]))
        self.assertEqual(json.loads((self.folder / "r/seed-3/knowledge/knowledge.json").read_text())["observables"],
                         ["z", "zz"])
        self.qstill("student", "recipe.yaml", "--knowledge", "r/seed-3/knowledge", "--data", "r/seed-3/data", "--out",
                    "m", *SHORT, *self.options("observables", "gradients"))
        self.assertEqual((self.folder / "m/model.safetensors").read_bytes(),
                         (self.folder / "r/default/seed-3/student/model.safetensors").read_bytes())

    def test_the_same_on_any_threads_and_behind_a_chain(self):
        everything = [*short(seeds=2), *self.options(*MATCHES), *QUERIES, "--set", "distill.generations=2"]
        for threads in (1, 3):
            self.qstill("run", "recipe.yaml", "--out", f"t{threads}", *everything, "--threads", threads)
            self.assert_same_run(f"t{threads}", "t1")
        self.qstill("run", "t1/recipe.yaml", "--out", "again", "--quiet")
        self.assert_same_run("again", "t1")

    def test_closer_states(self):
        """With the states alone to learn from the student comes closer to its teacher than without them."""
        options = [*short(teacher=10, student=25), "--set", "distill.alpha=1", "--set", "distill.temperature=1"]
        plain = self.report("plain", *options)
        matched = self.report("matched", *options, "--set", "distill.match.states=20")
        self.assertGreaterEqual(matched["student"]["agreement"] + 0.06, plain["student"]["agreement"])
        self.assertEqual(plain["control"], matched["control"])

    def test_refusals(self):
        self.write("recipe.yaml", program.RECIPE)
        for options, message in (
                (["distill.match.states=1"], r"distill\.match\.states contradicts student\.qubits"),
                (["distill.match.gradients=1", "teacher.ensemble=2"], r"gradients contradicts teacher\.ensemble"),
                (["distill.match.gradients=1", "teacher.calibrate=true"], r"gradients contradicts teacher\.calibrate"),
                (["distill.match.observables_weight=2"], r"observables_weight contradicts distill\.match\.observables"),
                (["distill.match.gradients=-1"], r"gradients: -1 is not in 0\.\."),):
            sets = [word for option in options for word in ("--set", option)]
            self.refused(2, message, "run", "recipe.yaml", *sets)
        for role, circuit in (("teacher", "  qubits: 3\n  layers: 2\n  outputs: [z, zz]\n"),
                              ("student", "  qubits: 2\n  layers: 2\n")):
            self.write("other.yaml", program.RECIPE.replace("  model: circuit\n" + circuit, "  model: logistic\n"))
            self.refused(2, rf"distill\.match\.observables contradicts {role}\.model: the {role} is no circuit", "run",
                         "other.yaml", "--set", "distill.match.observables=[z]")
        self.refused(2, r'observables: "probabilities" is no observable', "run", "recipe.yaml", "--out", "r", *SHORT,
                     "--set", "distill.match.observables=[probabilities]")
        self.assertFalse((self.folder / "r/seed-1/teacher").exists(), "refused before the teacher is trained")
        self.refused(2, r"batch: 4 rows are too few", "run", "recipe.yaml", "--out", "s", *SHORT, "--set",
                     "distill.match.observables=[z]", "--set", "student.train.batch=4")


class Sameness(Teaching):
    def test_threads(self):
        for threads in (1, 2, 3, 7):
            self.qstill("run", "recipe.yaml", "--out", f"t{threads}", *short(seeds=2), *EVERYTHING,
                        "--threads", threads)
            self.assert_same_run(f"t{threads}", "t1")

    def test_the_resolved_recipe_repeats_the_run(self):
        self.qstill("run", "recipe.yaml", "--out", "a", *SHORT, *EVERYTHING)
        self.qstill("run", "a/recipe.yaml", "--out", "b", "--quiet")
        self.assert_same_run("a", "b")

    def test_stopped_and_resumed(self):
        options = [*short(teacher=25, student=15), *EVERYTHING, "--set", "checkpoint.every_s=0"]
        begin = time.monotonic()
        self.qstill("run", "recipe.yaml", "--out", "whole", *options)
        duration, stopped = time.monotonic() - begin, 0
        for moment in (0.15, 0.3, 0.3, 0.4, 0.4, 0.4):
            resume = ["--resume"] if (self.folder / "r").exists() else []
            process = self.start("run", "recipe.yaml", "--out", "r", *resume, *options)
            time.sleep(moment * duration)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=120)
            stopped += process.returncode == 130
            if process.returncode == 0:
                break
        self.assertGreater(stopped, 0)
        self.qstill("run", "recipe.yaml", "--out", "r", "--resume", *options)
        whole, resumed = self.everything("whole"), self.everything("r")
        self.assertEqual(sorted(whole), sorted(resumed))
        differing = [name for name in whole if whole[name] != resumed[name]]
        self.assertEqual([name for name in differing if name != "log.txt"], [])


class Stages(Teaching):
    def test_the_stages_alone_say_what_they_do_not_do(self):
        self.qstill("data", "recipe.yaml", "--out", "d")
        self.refused(2, r"teacher\.ensemble: 2: this stage trains one model", "teacher", "recipe.yaml", "--data", "d",
                     "--out", "m", "--set", "teacher.ensemble=2")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "--out", "m", "--quiet")
        self.qstill("knowledge", "--teacher", "m", "--data", "d", "--out", "k")
        for option, code, message in (("distill.generations=2", 2, r"this stage trains one student"),
                                      ("distill.queries.mixup=1", 5, r"holds no rows beyond its dataset"),
                                      ("teacher.calibrate=true", 5, r"the knowledge is not calibrated")):
            self.refused(code, message, "student", "recipe.yaml", "--knowledge", "k", "--data", "d", "--out", "m2",
                         "--set", option)

    def test_a_lesson_of_a_run_teaches_a_stage(self):
        """The knowledge that a run leaves for a setting is all that the student stage needs: the same student."""
        self.qstill("run", "recipe.yaml", "--out", "r", *SHORT, *QUERIES)
        self.qstill("student", "recipe.yaml", "--knowledge", "r/default/seed-3/lesson", "--data", "r/seed-3/data", "--out",
                    "m", *SHORT, *QUERIES)
        self.assertEqual((self.folder / "m/model.safetensors").read_bytes(),
                         (self.folder / "r/default/seed-3/student/model.safetensors").read_bytes())


if __name__ == "__main__":
    program.main()
