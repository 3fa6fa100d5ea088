"""The command line itself: unknown words, values, repetition, help."""
import re

import program
from program import ProgramTest, environment

# An argument is limited to 128 KiB by Linux, the whole line is not.
LONG = "q" * 120000

# (row, arguments, what the one line says); all are refused with exit code 2.
REFUSED = [
    (112, [], r"a command is needed"),
    (112, [""], r'unknown command ""'),
    (112, ["rnu"], r'unknown command "rnu"; did you mean run\?'),
    (112, ["zzzzzz"], r'unknown command "zzzzzz"; see `qstill help`'),
    (112, ["--json", "info"], r"--json: the command stands first"),
    (112, ["--frobnicate"], r"--frobnicate: the command stands first"),
    (112, ["run"], r"run: RECIPE.yaml is missing"),
    (112, ["run", ""], r"run: RECIPE.yaml is empty"),
    (112, ["run", "a.yaml", "b.yaml"], r'"b.yaml" is one argument too many'),
    (112, ["demo", "a.yaml"], r'demo: "a.yaml" is one argument too many'),
    (112, ["run", "a.yaml", "--sede", "1"], r"run: unknown option --sede; did you mean --seed\?"),
    (112, ["run", "a.yaml", "--tempreature=2"], r"run: unknown option --tempreature=2; see"),
    (112, ["loss", "kd", "--tempreature=2"], r"unknown option --tempreature=2; did you mean --temperature\?"),
    (112, ["info", "--thread", "3"], r"unknown option --thread; did you mean --threads\?"),
    (112, ["run", "a.yaml", "-x"], r"unknown option -x"),
    (112, ["info", "-json"], r"unknown option -json"),
    (112, ["run", "a.yaml", "--seed"], r"--seed: a value is missing"),
    (112, ["run", "a.yaml", "-o"], r"-o: a value is missing"),
    (112, ["run", "a.yaml", "--seed="], r"--seed: the value is empty"),
    (112, ["run", "a.yaml", "--out="], r"--out: the value is empty"),
    (112, ["run", "a.yaml", "--out", ""], r"--out: the value is empty"),
    (112, ["run", "a.yaml", "--seed", "5x"], r"--seed: 5x is not a whole number in 0\.\.18446744073709551615"),
    (112, ["run", "a.yaml", "--seed", "-1"], r"--seed: -1 is not a whole number"),
    (112, ["run", "a.yaml", "--seed", "1.0"], r"--seed: 1\.0 is not a whole number"),
    (112, ["run", "a.yaml", "--seed", " 1"], r"--seed:  1 is not a whole number"),
    (112, ["run", "a.yaml", "--seed", "18446744073709551616"], r"--seed: 18446744073709551616 is not"),
    (112, ["run", "a.yaml", "--set", "seed"], r"--set: seed is not KEY=VALUE"),
    (112, ["run", "a.yaml", "--set", "=1"], r"--set: =1 is not KEY=VALUE"),
    (112, ["run", "a.yaml", "--set", "teacher.train.epochs="], r"--set: teacher.train.epochs= needs a value"),
    (112, ["demo", "--set", "teacher.train.epochs=5x"], r"epochs"),
    (112, ["demo", "--set", "teacher.qbits=4"], r"teacher.*qbits.*qubits"),
    (112, ["info", "--json=1"], r"--json=1: this option takes no value"),
    (112, ["data", "a.yaml"], r"data: --out DIR is missing"),
    (112, ["teacher", "a.yaml", "--out", "m"], r"teacher: --data D is missing"),
    (112, ["knowledge", "--data", "d", "-o", "k"], r"knowledge: --teacher M is missing"),
    (112, ["student", "a.yaml", "--data", "d", "-o", "m"], r"student: --knowledge K is missing"),
    (112, ["verify", "--knowledge", "k", "--data", "d", "-o", "r"], r"verify: --student M2 is missing"),
    (112, ["predict", "m"], r"predict: --data X is missing"),
    (112, ["demo", "--resume"], r"--resume: name the folder of the run with --out"),
    (112, ["help", "rn"], r'help: unknown command "rn"; did you mean run\?'),
    (112, ["help", "run", "it"], r'help: "it" is one argument too many'),
    (112, ["help", "circuit", "describ"], r'help: circuit: there is no "describ" .*did you mean describe\?'),
    (112, ["circut"], r'unknown command "circut"; did you mean circuit\?'),
    (112, ["loss", "kdd", "--student", "z.npy"], r"kdd is not a loss; did you mean kd\?"),
    (112, ["loss", "hinge", "--student", "z.npy"], r"hinge is not a loss \(ce, kd, logit_mse, .*, tf_kd\)"),
    (113, ["info", "--json", "--json"], r"--json is given twice"),
    (113, ["run", "a.yaml", "--seed", "1", "--seed=2"], r"--seed is given twice"),
    (113, ["run", "a.yaml", "-o", "a", "--out", "b"], r"--out is given twice"),
    (113, ["run", "a.yaml", "--set", "seed=1", "--set", "seed=2"], r"--set seed is given twice"),
    (113, ["run", "a.yaml", "--set", "seed=1", "--seed", "2"], r"--seed and --set seed=1 both give the seed"),
    (114, ["predict", "m", "--data", "x.csv", "-o", "y.txt"], r"--out: y\.txt does not end in \.npy or \.csv"),
    (115, ["predict", "m", "--data", "x.csv", "-o", "-", "--json"], r"--out - and --json both write"),
    (115, ["loss", "kd", "--student", "-", "--teacher", "-", "--alpha", "1"], r"cannot both read standard input"),
    (115, ["loss", "ce", "--student", "a.npy", "--labels", "-", "--gradient-out", "-"], r"--gradient-out: - does not"),
    (115, ["run", "a.yaml", "--out", "-"], r"--out: a folder is needed"),
    (115, ["data", "a.yaml", "--out", "-"], r"--out: a folder is needed"),
    (118, [LONG], r'unknown command "q+"'),
    (118, ["run", LONG, LONG], r"is one argument too many"),
    (118, ["info", "--" + LONG], r"unknown option --q+"),
    (118, ["info", "--threads", LONG], r"--threads: q+\.\.\."),
    (120, ["info", "--threads", "0"], r"--threads: 0 is not a whole number in 1\.\.1024"),
    (120, ["info", "--threads", "-1"], r"--threads: -1 is not a whole number in 1\.\.1024"),
    (120, ["info", "--threads", "100000"], r"--threads: 100000 is not a whole number in 1\.\.1024"),
    (120, ["info", "--threads=2.5"], r"--threads: 2\.5 is not"),
]


class Usage(ProgramTest):
    def test_refused(self):
        for row, arguments, message in REFUSED:
            with self.subTest(row=row, arguments=" ".join(arguments)[:120]):
                self.refused(2, message, *arguments)
        self.assert_no_leftovers()

    def test_control_characters_do_not_reach_the_terminal(self):
        result = self.refused(2, r"a\?\[31mb\?c", "a\x1b[31mb\nc")
        self.assertEqual(result.err.count("\n"), 1)
        self.assertNotIn("\x1b", result.err)

    def test_broken_utf8_is_shown_safely(self):
        self.refused(2, r"unknown command \"\?\?\"", b"\xff\xc3".decode("utf-8", "surrogateescape"))

    def test_a_recipe_patch_as_long_as_the_system_allows(self):
        self.refused(2, r"name", "demo", "--set", "name=" + "x/" * 60000)

    def test_a_file_whose_name_begins_with_a_dash(self):
        for arguments in (["run", "--", "-x.yaml"], ["run", "./-x.yaml"]):
            self.refused(7, r"-x\.yaml", *arguments)
        self.write("-x.yaml", "nonsense: 1\n")
        for arguments in (["run", "--", "-x.yaml"], ["run", "./-x.yaml"]):
            self.refused(2, r"-x\.yaml:1:\d+: .*nonsense", *arguments)

    def test_words_behind_two_dashes_are_arguments(self):
        self.refused(2, r'"--json" is one argument too many', "run", "--", "a.yaml", "--json")

    def test_values_may_begin_with_a_dash(self):
        self.write("recipe.yaml", "nonsense: 1\n")
        self.refused(2, r"nonsense", "run", "recipe.yaml", "--out", "-folder")


class Environment(ProgramTest):
    def test_the_environment_does_not_matter(self):
        plain = self.qstill("help").out
        for changes in ({"HOME": None}, {"HOME": "/nonexistent"}, {"TMPDIR": "/nonexistent"}, {"LC_ALL": "tr_TR.UTF-8"},
                        {"LC_ALL": "de_DE.UTF-8"}, {"LC_ALL": "nonsense"}, {"TERM": "dumb"}, {"NO_COLOR": "1"}):
            with self.subTest(changes=changes):
                self.assertEqual(self.qstill("help", env=environment(**changes)).out, plain)

    def test_numbers_are_written_with_a_point_everywhere(self):
        self.write_npy("s.npy", [[0.5, 0.25]])
        self.write_npy("y.npy", [1], "<i8")
        for locale in ("tr_TR.UTF-8", "de_DE.UTF-8", "C"):
            result = self.qstill("loss", "ce", "--student", "s.npy", "--labels", "y.npy", "--json",
                                 env=environment(LC_ALL=locale))
            self.assertAlmostEqual(result.json["loss"], 0.8259394198788435, delta=1e-15)


class Help(ProgramTest):
    def commands(self):
        listing = self.qstill("help").out.split("\n\n")[2]
        return [" ".join(re.match(r"  ([a-z]+(?: [a-z]+)?)", line)[1].split()) for line in listing.splitlines()
                if re.match(r"  \w", line)]

    def test_every_command_has_help_in_one_style(self):
        commands = self.commands()
        self.assertEqual(commands, [
            "run", "demo", "tune", "data", "teacher", "teacher import", "knowledge", "student", "verify", "deploy", "predict",
            "loss", "circuit describe", "circuit check", "circuit convert", "circuit simulate", "circuit count",
            "circuit transpile", "circuit algorithm", "circuit draw", "device show", "device convert", "device channels",
            "device place", "bench", "info", "help"])
        for command in commands:
            with self.subTest(command=command):
                text = self.qstill(*command.split(), "--help").out
                self.assertTrue(text.startswith(f"qstill {command}: "), text)
                self.assertIn(f"\nusage: qstill {command}", text)
                self.assertIn("\n  -h, --help ", text)
                self.assertEqual(text, self.qstill("help", *command.split()).out)
                self.assertEqual(text, self.qstill(*command.split(), "-h", "--nonsense").out)
                self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_a_group_lists_its_commands(self):
        text = self.qstill("help", "circuit").out
        self.assertIn("\n  circuit describe MODEL", text)
        self.assertNotIn("\n  run ", text)
        self.assertEqual(text, self.qstill("circuit", "--help").out)

    def test_overview_and_version(self):
        overview = self.qstill("--help").out
        self.assertEqual(overview, self.qstill("help").out)
        self.assertEqual(overview, self.qstill("-h").out)
        for code in ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "130"):
            self.assertRegex(overview, rf"\n  {code} +\w")
        self.assertRegex(self.qstill("--version").out, r"^qstill \d+\.\d+\.\d+\n$")

    def test_recipe_keys_are_listed(self):
        text = self.qstill("help", "recipe").out
        for key in ("name", "seeds", "data.source", "distill.temperature", "verify.require", "checkpoint.every_s"):
            self.assertRegex(text, rf"(?m)^{re.escape(key)}: .+")

    def test_the_manual_page_has_every_command_and_option(self):
        manual = (program.SOURCE / "docs/man/qstill.1.scd").read_text()
        sections = dict(re.findall(r"(?ms)^## ([a-z ]+)\n(.*?)(?=^## |^# |\Z)", manual))
        for command in self.commands():
            with self.subTest(command=command):
                self.assertIn(command, sections)
                options = set(re.findall(r"(?m)^  (?:-\w, |    )--([a-z-]+)", self.qstill(*command.split(), "--help").out))
                named = set(re.findall(r"--([a-z-]+)", sections[command].replace("\\", "")))
                self.assertEqual(options - {"help"}, named - {"help"})
        for name, code in re.findall(r"QST_STATUS\((\w+), (\d+),",
                                     (program.SOURCE / "include/qstill/status.def").read_text()):
            self.assertRegex(manual, rf"(?m)^\*{code}\*", name)


class Info(ProgramTest):
    def test_json(self):
        info = self.qstill("info", "--json", "--threads", "3").json
        self.assertRegex(info["version"], r"^\d+\.\d+\.\d+$")
        self.assertIn(info["kernels"], ("baseline", "avx2", "avx512"))
        self.assertEqual(info["threads"], 3)
        self.assertGreaterEqual(info["cores"], 1)
        self.assertEqual(info["precisions"], ["double", "single"])
        for name in ("digits", "iris", "wine", "breast_cancer"):
            self.assertIs(info["data_sets"][name], True, name)
        self.assertIn(info["data_sets"]["fashion_mnist"], (True, False))

    def test_page(self):
        text = self.qstill("info").out
        for word in ("qstill", "kernels", "processor", "threads", "precision", "data sets", "digits"):
            self.assertIn(word, text)

    def test_a_kernel_may_be_forced(self):
        self.assertEqual(self.qstill("info", "--json", env=environment(QSTILL_ISA="baseline")).json["kernels"],
                         "baseline")

    def test_data_sets_are_looked_for_in_the_folder_of_the_environment(self):
        self.write("fashion-mnist/train-images-idx3-ubyte.gz", "")
        info = self.qstill("info", "--json", env=environment(QSTILL_DATA=str(self.folder))).json
        self.assertIs(info["data_sets"]["fashion_mnist"], True)


if __name__ == "__main__":
    program.main()
