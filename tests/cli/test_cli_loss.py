"""`qstill loss` against values worked out here from the formulas, one number at a time."""
import math
import re

import program
from program import ProgramTest

STUDENT = [[0.3, -1.2, 2.0], [1.5, 0.5, -0.5], [0.0, 0.0, 0.0], [-2.0, 3.0, 1.0]]
TEACHER = [[0.1, -0.9, 2.5], [2.5, 0.0, -1.0], [0.5, 0.25, -0.25], [-1.0, 4.0, 0.0]]
LABELS = [2, 0, 1, 1]


def softmax(z, temperature):
    top = max(z)
    powers = [math.exp((value - top) / temperature) for value in z]
    return [power / sum(powers) for power in powers]


def cross_entropy(z, label):
    return -math.log(softmax(z, 1)[label])


def divergence(z_teacher, z_student, temperature):
    p, q = softmax(z_teacher, temperature), softmax(z_student, temperature)
    return sum(a * math.log(a / b) for a, b in zip(p, q))


def kd(temperature, alpha):
    """(hard, soft, gradient by row) as means over the rows."""
    n = len(STUDENT)
    hard = sum(map(cross_entropy, STUDENT, LABELS)) / n
    soft = sum(divergence(t, s, temperature) for t, s in zip(TEACHER, STUDENT)) / n
    gradient = []
    for s, t, label in zip(STUDENT, TEACHER, LABELS):
        q, p_t, p_s = softmax(s, 1), softmax(t, temperature), softmax(s, temperature)
        gradient.append([((1 - alpha) * (q[c] - (c == label)) + alpha * temperature * (p_s[c] - p_t[c])) / n
                         for c in range(3)])
    return hard, soft, gradient


class LossTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_npy("s.npy", STUDENT)
        self.write_npy("t.npy", TEACHER)
        self.write_npy("y.npy", LABELS, "<i8")


class Loss(LossTest):
    def evaluate(self, name, *options, **more):
        return self.qstill("loss", name, "--student", "s.npy", *options, "--json", **more)

    def assert_close(self, value, right, tolerance=1e-13):
        self.assertAlmostEqual(value, right, delta=tolerance * max(1, abs(right)))

    def assert_gradient(self, name, right):
        rows = self.read_npy(name)
        self.assertEqual(len(rows), len(right))
        for row, right_row in zip(rows, right):
            for value, right_value in zip(row, right_row, strict=True):
                self.assert_close(value, right_value)

    def test_ce(self):
        result = self.evaluate("ce", "--labels", "y.npy", "--gradient-out", "g.npy").json
        hard, _, gradient = kd(1, 0)
        self.assert_close(result["loss"], hard)
        self.assert_close(result["terms"]["hard"], hard)
        self.assertNotIn("soft", result["terms"])
        self.assertEqual((result["n"], result["reduction"]), (4, "mean"))
        self.assert_gradient("g.npy", gradient)

    def test_kd_defaults_are_one_and_a_half(self):
        plain = self.evaluate("kd", "--teacher", "t.npy", "--labels", "y.npy").out
        said = self.evaluate("kd", "--teacher", "t.npy", "--labels", "y.npy", "--temperature", "1", "--alpha", "0.5",
                             "--reduction", "mean").out
        self.assertEqual(plain, said)

    def test_kd(self):
        for number, (temperature, alpha) in enumerate([(1, 0.5), (2, 0.9), (4.5, 0), (0.5, 1), (20, 0.25)]):
            with self.subTest(temperature=temperature, alpha=alpha):
                result = self.evaluate("kd", "--teacher", "t.npy", "--labels", "y.npy", "--temperature", temperature,
                                       "--alpha", alpha, "--gradient-out", f"g{number}.npy").json
                hard, soft, gradient = kd(temperature, alpha)
                self.assert_close(result["terms"]["hard"], hard)
                self.assert_close(result["terms"]["soft"], soft)
                self.assert_close(result["loss"], (1 - alpha) * hard + alpha * temperature**2 * soft)
                self.assert_gradient(f"g{number}.npy", gradient)

    def test_kd_of_soft_labels_alone_needs_no_labels(self):
        result = self.evaluate("kd", "--teacher", "t.npy", "--alpha", "1", "--temperature", "3").json
        self.assert_close(result["loss"], 9 * kd(3, 1)[1])

    def test_squared_errors(self):
        squares = sum((t - s)**2 for teacher, student in zip(TEACHER, STUDENT) for t, s in zip(teacher, student))
        gradient = [[2 * (s - t) for t, s in zip(teacher, student)] for teacher, student in zip(TEACHER, STUDENT)]
        for name in ("logit_mse", "expectation_mse"):
            mean = self.evaluate(name, "--teacher", "t.npy", "--gradient-out", f"{name}.npy").json
            self.assert_close(mean["loss"], squares / 4)
            self.assert_gradient(f"{name}.npy", [[g / 4 for g in row] for row in gradient])
            total = self.evaluate(name, "--teacher", "t.npy", "--reduction", "sum", "--gradient-out",
                                  f"{name}-sum.npy").json
            self.assert_close(total["loss"], squares)
            self.assertEqual(total["reduction"], "sum")
            self.assert_gradient(f"{name}-sum.npy", gradient)

    def test_the_same_call_fits_every_loss(self):
        for name in ("ce", "kd", "logit_mse", "expectation_mse"):
            result = self.evaluate(name, "--teacher", "t.npy", "--labels", "y.npy", "--temperature", "1", "--alpha",
                                   "0.5", "--reduction", "mean")
            self.assertEqual(set(result.json), {"loss", "terms", "n", "reduction"})
            unused = [] if name == "kd" else ["--temperature", "--alpha"]
            self.assertEqual(len(result.err.splitlines()), len(unused))
            for option in unused:
                self.assertIn(f"qstill: warning: {option} changes nothing", result.err)

    def test_huber(self):
        def huber(d):
            return d * d / 2 if abs(d) <= 0.5 else 0.5 * (abs(d) - 0.25)

        result = self.evaluate("huber", "--teacher", "t.npy", "--delta", "0.5", "--gradient-out", "g.npy").json
        pairs = [list(zip(student, teacher)) for student, teacher in zip(STUDENT, TEACHER)]
        self.assert_close(result["loss"], sum(huber(s - t) for row in pairs for s, t in row) / 4)
        self.assert_gradient("g.npy", [[max(-0.5, min(0.5, s - t)) / 4 for s, t in row] for row in pairs])

    def test_decoupled_kd(self):
        temperature, rows = 2, []
        for s, t, label in zip(STUDENT, TEACHER, LABELS):
            p, q = softmax(t, temperature), softmax(s, temperature)
            tckd = p[label] * math.log(p[label] / q[label]) + (1 - p[label]) * math.log((1 - p[label]) / (1 - q[label]))
            others = [c for c in range(3) if c != label]
            nckd = divergence([t[c] for c in others], [s[c] for c in others], temperature)
            rows.append(0.5 * tckd + 3 * nckd)
        result = self.evaluate("dkd", "--teacher", "t.npy", "--labels", "y.npy", "--temperature", temperature, "--alpha",
                               "1", "--target", "0.5", "--nontarget", "3").json
        self.assert_close(result["terms"]["soft"], sum(rows) / 4)
        self.assert_close(result["loss"], temperature**2 * sum(rows) / 4)

    def test_distributions(self):
        self.write_npy("p.npy", [[0.9, 0.1], [0.5, 0.5]])
        self.write_npy("q.npy", [[0.5, 0.5], [0.5, 0.5]])
        for name, right in (("kl", 0.9 * math.log(1.8) + 0.1 * math.log(0.2)), ("tvd", 0.4),
                            ("hellinger", 1 - math.sqrt(0.45) - math.sqrt(0.05)),
                            ("mmd", 2 * 0.16 * (1 - math.exp(-1 / 2)))):
            result = self.qstill("loss", f"distribution_{name}", "--student", "q.npy", "--teacher", "p.npy",
                                 "--json").json
            self.assert_close(result["loss"], right / 2)
            self.assertEqual(set(result["terms"]), {"soft"})

    def test_rows_without_a_direction_are_said(self):
        result = self.evaluate("logit_standardization", "--teacher", "t.npy", "--alpha", "1")
        self.assertRegex(result.err, "warning: 1 rows or columns have no direction")

    def test_every_loss(self):
        self.write_npy("four.npy", [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]])
        self.write_npy("other.npy", [[0.25, 0.25, 0.25, 0.25], [0.1, 0.1, 0.1, 0.7]])
        self.write_npy("two.npy", [0, 3], "<i8")
        listed = self.qstill("loss", "none", "--student", "four.npy", code=2).err
        names = re.search(r"is not a loss \((.*)\)", listed).group(1).split(", ")
        self.assertGreaterEqual(len(names), 21)
        self.write_npy("state.npy", [[0.6, 0, 0, 0.8], [0, 1, 0, 0]])
        self.write_npy("larger.npy", [[1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0.6, 0.8]])
        for name in names:
            student, teacher = ("state", "larger") if name == "similarity_fidelity" else ("four", "other")
            with self.subTest(name=name):
                result = self.qstill("loss", name, "--student", f"{student}.npy", "--teacher", f"{teacher}.npy",
                                     "--labels", "two.npy", "--json", "--gradient-out", f"{name}.npy").json
                self.assertGreater(result["loss"], 0)
                self.assertEqual(len(self.read_npy(f"{name}.npy")), 2)

    def test_rows_without_a_label(self):
        self.write_npy("some.npy", [2, -1, 1, -1], "<i8")
        result = self.evaluate("ce", "--labels", "some.npy").json
        self.assert_close(result["loss"], (cross_entropy(STUDENT[0], 2) + cross_entropy(STUDENT[2], 1)) / 2)

    def test_large_scores_do_not_overflow(self):
        self.write_npy("s.npy", [[1e4, -1e4], [800.0, 801.0]])
        self.write_npy("y.npy", [1, 1], "<i8")
        self.assert_close(self.evaluate("ce", "--labels", "y.npy").json["loss"],
                          (2e4 + math.log1p(math.exp(-1))) / 2)

    def test_numbers_read_back_exactly(self):
        self.write_npy("one.npy", [[0.1, 0.2]])
        self.write_npy("two.npy", [[0.4, 0.2]])
        result = self.qstill("loss", "logit_mse", "--student", "one.npy", "--teacher", "two.npy", "--json")
        self.assertEqual(result.json["loss"], (0.1 - 0.4)**2)

    def test_standard_input_and_csv(self):
        rows = "".join(",".join(map(repr, row)) + "\n" for row in STUDENT).encode()
        self.write("s.csv", rows)
        right = self.evaluate("ce", "--labels", "y.npy").out
        self.assertEqual(self.qstill("loss", "ce", "--student", "-", "--labels", "y.npy", "--json", stdin=rows).out,
                         right)
        self.assertEqual(self.qstill("loss", "ce", "--student", "s.csv", "--labels", "y.npy", "--json").out, right)
        self.evaluate("ce", "--labels", "y.npy", "--gradient-out", "g.csv")
        self.evaluate("ce", "--labels", "y.npy", "--gradient-out", "g.npy")
        written = [[float(cell) for cell in line.split(",")]
                   for line in (self.folder / "g.csv").read_text().splitlines()]
        self.assertEqual(written, self.read_npy("g.npy"))

    def test_page(self):
        text = self.qstill("loss", "kd", "--student", "s.npy", "--teacher", "t.npy", "--labels", "y.npy").out
        self.assertEqual([line.split()[0] for line in text.splitlines()], ["loss", "hard", "soft", "n", "reduction"])

    def test_refused(self):
        self.write_npy("short.npy", TEACHER[:3])
        self.write_npy("narrow.npy", [row[:2] for row in TEACHER])
        self.write_npy("half.npy", [0, 0.5, 1, 2])
        self.write_npy("beyond.npy", [0, 1, 2, 3], "<i8")
        self.write_npy("below.npy", [0, 1, 2, -2], "<i8")
        self.write_npy("nan.npy", [[1, 2, 3]] * 3 + [[1, math.nan, 3]])
        self.write("object.npy", program.npy_header("|O", (4, 3)) + b"\x80\x04K\x01." * 12)
        for code, message, arguments in [
                (2, r"ce needs --labels Y", ["ce"]),
                (2, r"kd needs --teacher ZT", ["kd", "--labels", "y.npy"]),
                (2, r"kd needs --labels Y, or --alpha 1", ["kd", "--teacher", "t.npy"]),
                (2, r"logit_mse needs --teacher ZT", ["logit_mse", "--labels", "y.npy"]),
                (2, r"--temperature: 0 is not > 0", ["kd", "--temperature", "0"]),
                (2, r"--temperature: -1 is not > 0", ["kd", "--temperature", "-1"]),
                (2, r"--temperature: 1e308 is more than 1000", ["kd", "--temperature", "1e308"]),
                (2, r"--temperature: nan is not a finite number", ["kd", "--temperature", "nan"]),
                (2, r"--temperature: 1,5 is not a finite number", ["kd", "--temperature", "1,5"]),
                (2, r"--temperature: 0x10 is not a finite number", ["kd", "--temperature", "0x10"]),
                (2, r"--alpha: 1\.5 is not a number in 0\.\.1", ["kd", "--alpha", "1.5"]),
                (2, r"--alpha: -0\.1 is not a number in 0\.\.1", ["kd", "--alpha", "-0.1"]),
                (2, r"--reduction: max is neither mean nor sum", ["kd", "--reduction", "max"]),
                (2, r"--delta: x is not a finite number", ["huber", "--teacher", "t.npy", "--delta", "x"]),
                (2, r"delta: 0 is not > 0", ["huber", "--teacher", "t.npy", "--delta", "0"]),
                (2, r"tf_kd needs --labels Y$", ["tf_kd", "--alpha", "1"]),
                (2, r"pkt needs --labels Y, or --alpha 1", ["pkt", "--teacher", "t.npy"]),
                (3, r"student scores: row 0, column 1: -1\.2 is not a probability",
                 ["distribution_kl", "--teacher", "t.npy"]),
                (3, r"half\.npy: row 1: 0\.5 is not a class", ["ce", "--labels", "half.npy"]),
                (3, r"beyond\.npy: row 3: 3 is not a class: a whole number 0\.\.2", ["ce", "--labels", "beyond.npy"]),
                (3, r"below\.npy: row 3: -2 is not a class", ["ce", "--labels", "below.npy"]),
                (3, r"nan\.npy", ["logit_mse", "--teacher", "nan.npy"]),
                (4, r"object\.npy", ["logit_mse", "--teacher", "object.npy"]),
                (5, r"short\.npy is \(3, 3\), but s\.npy is \(4, 3\)", ["logit_mse", "--teacher", "short.npy"]),
                (5, r"narrow\.npy is \(4, 2\), but s\.npy is \(4, 3\)", ["kd", "--teacher", "narrow.npy", "--alpha", "1"]),
                (5, r"s\.npy is \(4, 3\), but s\.npy needs 4 labels", ["ce", "--labels", "s.npy"]),
                (5, r"short\.npy", ["ce", "--labels", "y.npy", "--teacher", "short.npy"]),
                (7, r"missing\.npy", ["logit_mse", "--teacher", "missing.npy"])]:
            with self.subTest(arguments=arguments):
                self.refused(code, message, "loss", *arguments, "--student", "s.npy", "--gradient-out", "g.npy")
                self.assertFalse((self.folder / "g.npy").exists())


class GradientFile(LossTest):
    def test_output_that_is_an_input(self):
        before = (self.folder / "s.npy").read_bytes()
        (self.folder / "link.npy").symlink_to("s.npy")
        (self.folder / "hard.npy").hardlink_to(self.folder / "s.npy")
        for name in ("s.npy", "./s.npy", "link.npy", "hard.npy"):
            with self.subTest(name=name):
                self.refused(2, r"is also an input", "loss", "ce", "--student", "s.npy", "--labels", "y.npy",
                             "--gradient-out", name, "--force")
        self.assertEqual((self.folder / "s.npy").read_bytes(), before)

    def test_output_that_exists(self):
        arguments = ["loss", "ce", "--student", "s.npy", "--labels", "y.npy", "--gradient-out", "g.npy"]
        self.qstill(*arguments)
        first = (self.folder / "g.npy").read_bytes()
        self.write("g.npy", "precious")
        self.refused(7, r"g\.npy: exists already", *arguments)
        self.assertEqual((self.folder / "g.npy").read_text(), "precious")
        self.qstill(*arguments, "--force")
        self.assertEqual((self.folder / "g.npy").read_bytes(), first)

    def test_output_folder_missing(self):
        self.refused(7, r"nowhere", "loss", "ce", "--student", "s.npy", "--labels", "y.npy", "--gradient-out",
                     "nowhere/g.npy")


if __name__ == "__main__":
    program.main()
