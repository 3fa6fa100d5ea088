"""`qstill teacher import`: teachers of Qiskit and PennyLane by their descriptions, against what these tools compute; what
the folder is good for; and what is refused."""
import json
import math
import struct

from program import SOURCE, CloudTest, ProgramTest, main, npy_header

TOLERANCE = 1e-10


def flat(value):
    return [x for inner in value for x in flat(inner)] if isinstance(value, list) else [value]


def shape(value):
    return (len(value), *shape(value[0])) if isinstance(value, list) else ()


class ImportTest(ProgramTest):
    def write_array(self, name, values):
        numbers = flat(values)
        return self.write(name, npy_header("<f8", shape(values)) + struct.pack(f"<{len(numbers)}d", *numbers))

    def describe(self, **keys):
        """Values in flow style, which is JSON."""
        plain = lambda v: v if isinstance(v, str) else json.dumps(v).replace('"', "")
        self.write("teacher.yaml", "".join(f"{key}: {plain(value)}\n" for key, value in keys.items()))

    def scores(self, folder, inputs):
        self.write_array("x.npy", inputs)
        self.qstill("knowledge", "--teacher", folder, "--data", "x.npy", "--out", "s.npy", "--force")
        return self.read_npy("s.npy")

    def assert_near(self, given, expected, tolerance=TOLERANCE):
        self.assertEqual(shape(given), shape(expected))
        self.assertLessEqual(max(abs(a - b) for a, b in zip(flat(given), flat(expected))), tolerance)


class GoldenTest(ImportTest):
    def check(self, case, in_file):
        description = dict(case["description"])
        arguments = ["teacher", "import", "--describe", "teacher.yaml", "--out", f"M{in_file}"]
        if case["qasm"]:
            self.write("circuit.qasm", case["qasm"])
            arguments.append("circuit.qasm")
        if isinstance(case["weights"], dict):
            self.describe(**description, weights=case["weights"])
        elif in_file:
            self.write_array("w.npy", case["weights"])
            self.describe(**description, weights="w.npy")
        else:
            self.describe(**description, weights=case["weights"])
        self.qstill(*arguments)
        self.assert_near(self.scores(f"M{in_file}", case["inputs"]), case["scores"])

    def golden(self, name):
        for case in json.loads((SOURCE / "tests" / "golden" / name).read_text())["cases"]:
            with self.subTest(case=case["name"]):
                self.setUp()
                self.check(case, False)
                self.check(case, True)

    def test_qiskit(self):
        self.golden("qiskit_teachers.json")

    def test_pennylane(self):
        self.golden("pennylane_teachers.json")


QASM = """OPENQASM 3.0;
include "stdgates.inc";
input float x2;
input float w_10;
input float x10;
input float w_9;
qubit[2] q;
bit[2] c;
ry(x2 + w_10) q[0];
rx(x10 * w_9) q[1];
cx q[0], q[1];
c = measure q;
"""


class DescriptionTest(ImportTest):
    def setUp(self):
        super().setUp()
        self.write("circuit.qasm", QASM)

    def imported(self, description, *circuit, code=0, message=None):
        self.write("teacher.yaml", description)
        arguments = ["teacher", "import", *circuit, "--describe", "teacher.yaml", "--out", "M", "--quiet"]
        if code:
            result = self.refused(code, message, *arguments)
            self.assertFalse((self.folder / "M").exists())
            return result
        return self.qstill(*arguments)

    def test_numbers_in_names_count(self):
        """x2 comes before x10, and weights take the order of weight_names; of the array without, that of the file."""
        expected = self.expected(x=[0.3, 0.7], w={"w_9": 1.25, "w_10": -0.5})
        for i, weights in enumerate(("weights: {w_9: 1.25, w_10: -0.5}\n", "weights: [1.25, -0.5]\nweight_names: w_*\n",
                                     "weights: [-0.5, 1.25]\n")):
            self.write("teacher.yaml", "circuit: circuit.qasm\nfeatures: x*\nclasses: [no, yes]\n" + weights)
            self.qstill("teacher", "import", "--describe", "teacher.yaml", "--out", f"M{i}")
            self.assert_near(self.scores(f"M{i}", [[0.3, 0.7]]), [expected])
        self.write("teacher.yaml", "features: [x10, x2]\nweights: {w_9: 1.25, w_10: -0.5}\n")
        self.qstill("teacher", "import", "circuit.qasm", "--describe", "teacher.yaml", "--out", "N")
        self.assert_near(self.scores("N", [[0.7, 0.3]]), [expected])

    @staticmethod
    def expected(x, w):
        z0, z1 = math.cos(x[0] + w["w_10"]), math.cos(x[1] * w["w_9"])
        return [z0, z0 * z1]

    def test_heads(self):
        z = self.expected([0.3, 0.7], {"w_9": 1.25, "w_10": -0.5})
        heads = {"{kind: scale, factor: 2.5, bias: [1, -1]}": [2.5 * z[0] + 1, 2.5 * z[1] - 1],
                 "{kind: linear, weights: [[1, 2], [3, 4], [5, 6]], bias: [0.5, 0, 0]}":
                     [z[0] + 2 * z[1] + 0.5, 3 * z[0] + 4 * z[1], 5 * z[0] + 6 * z[1]],
                 "{kind: linear, weights: W.npy}": [-z[0], z[1]], "none": z}
        self.write_array("W.npy", [[-1.0, 0.0], [0.0, 1.0]])
        for i, (head, scores) in enumerate(heads.items()):
            self.write("teacher.yaml", f"features: x*\nweights: {{w_9: 1.25, w_10: -0.5}}\nhead: {head}\n")
            self.qstill("teacher", "import", "circuit.qasm", "--describe", "teacher.yaml", "--out", f"M{i}")
            self.assert_near(self.scores(f"M{i}", [[0.3, 0.7]]), [scores])

    def test_refused(self):
        rest = "weights: [1, 2]\n"
        for description, code, message in (
                ("features: x*\n", 2, "teacher.yaml:1:1: the input w_10 of the circuit is neither"),
                (rest, 2, "features: missing"),
                ("features: y_*\n" + rest, 2, r"teacher.yaml:1:11: features: no input of the circuit is called y_\*"),
                ("features: [x2, x3]\n" + rest, 2, "features: x3 is no input"),
                ("features: [x2, x2]\n" + rest, 2, "x2 is named twice"),
                ("features: x*\nweights: [1, 2, 3]\n", 5, "weights: 3 numbers for 2 inputs"),
                ("features: x*\nweights: {w_9: 1, w_8: 2}\n", 2, "w_8 is no input"),
                ("features: x*\nweights: {w_9: 1, w_10: a}\n", 2, "w_10: a number is expected"),
                ("features: x*\nweights: [1, b]\n", 2, '"b" is no number'),
                ("features: x*\nweights: missing.npy\n", 7, "weights: missing.npy"),
                ("features: x*\nweights: {w_9: 1, w_10: 2}\nweight_names: w_*\n", 2, "weight_names"),
                ("features: x*\nfeature: x\n", 2, "feature: unknown key; did you mean features"),
                ("features: x*\nqubits: 2\n", 2, "qubits: belongs to a template"),
                ("features: x*\ntemplate: RealAmplitudes\n", 2, "a circuit is given besides"),
                ("features: x*\noutputs: [w]\n" + rest, 2, "teacher.yaml:2:10: .*w"),
                ("features: x*\noutputs: [ZZ]\n" + rest, 5, "one output m is no score of two classes"),
                ("features: x*\nclasses: [a, b, c]\n" + rest, 5, "2 scores for 3 classes"),
                ("features: x*\nhead: logit\n" + rest, 2, "head: kind: none, scale or linear"),
                ("features: x*\nhead: linear\n" + rest, 2, "head: linear: its numbers are missing"),
                ("features: x*\nhead: {kind: linear, weights: [[1, 2, 3]]}\nclasses: 2\n" + rest, 5,
                 r"head.weights: shape \(1, 3\) is not \(2, 2\)"),
                ("features: x*\nhead: {kind: scale, factor: -1}\n" + rest, 2, "factor: a number > 0"),
                ("features: x*\nhead: {kind: scale, weights: 1}\n" + rest, 2, "weights: unknown key of a scale head"),
                ("features: x*\nbit_order: left\n" + rest, 2, "q0-right or q0-left"),
                ("features: x*\nencoding: angle\n" + rest, 2, "it is amplitude or basis"),
                ("[1, 2]\n", 2, "a description is a map"),
                ("features: x*\ndata: nowhere\n" + rest, 7, "nowhere")):
            with self.subTest(description=description):
                self.imported(description, "circuit.qasm", code=code, message=message)
        self.imported("features: x\n", code=2, message="neither circuit, an OpenQASM file, nor template")
        self.imported("circuit: a.qasm\nfeatures: x\n", "circuit.qasm", code=2, message="another one is given")
        self.write("bad.qasm", "OPENQASM 2.0;\nqreg q[1];\nhh q[0];\n")
        self.imported("features: x\n", "bad.qasm", code=3, message="bad.qasm:3:1: ")
        self.write("reset.qasm", "OPENQASM 3.0;\ninput float x;\nqubit q;\nU(x,0,0) q;\nreset q;\n")
        self.imported("features: x\n", "reset.qasm", code=4, message="reset")

    def test_shapes_of_templates(self):
        pennylane = "template: StronglyEntanglingLayers\nqubits: 2\nfeatures: 2\nencoding: angle\n"
        qiskit = "template: EfficientSU2\nqubits: 2\nfeatures: 2\nencoding: ZZFeatureMap\n"
        for start, weights, code, message in (
                (pennylane, [[0.1] * 6], 5, r"shape \(1, 6\): StronglyEntanglingLayers of 2 qubits takes \(1, 2, 3\)"),
                (pennylane, [[[0.1] * 2] * 3], 5, r"shape \(1, 3, 2\): .* takes \(3, 2, 3\)|takes \(1, 2, 3\)"),
                (pennylane + "layers: 2\n", [[[0.1] * 3] * 2], 5, r"\(1, 2, 3\): .* takes \(2, 2, 3\)"),
                (qiskit, [0.1] * 12, 5, r"shape \(12,\): EfficientSU2 of 2 qubits takes \(16,\)"),
                (qiskit, [[0.1] * 8] * 2, 5, r"shape \(2, 8\): .* takes \(16,\)"),
                (qiskit, "[[1, 2], [3]]", 2, "rows of different lengths"),
                (qiskit + "depth: 3\n", [1], 2, "depth: unknown key"),
                ("template: EfficientSU\nqubits: 2\nfeatures: 2\nencoding: zz\n", [1], 2, "did you mean EfficientSU2"),
                ("template: EfficientSU2\nqubits: 2\nfeatures: 3\nencoding: zz\n", [0.1] * 16, 5,
                 "3 features do not fit on 2 qubits"),
                ("template: EfficientSU2\nqubits: 2\nfeatures: 2\n", [0.1] * 16, 2, "encoding: missing"),
                ("template: EfficientSU2\nqubits: 2\nfeatures: 2\nencoding: IQP\n", [0.1] * 16, 2, "encoding"),
                ("template: EfficientSU2\nqubits: 0\nfeatures: 2\nencoding: zz\n", [1], 2, "a whole number from 1")):
            with self.subTest(start=start, weights=weights):
                self.imported(f"{start}weights: {weights}\n", code=code, message=message)


class PipelineTest(CloudTest):
    """An imported teacher through the stages and through a recipe."""

    def setUp(self):
        super().setUp()
        self.qstill("data", "recipe.yaml", "-o", "D", "--quiet")
        weights = [[[0.1 * (l + 2 * q + i) for i in range(3)] for q in range(4)] for l in range(2)]
        self.write("teacher.yaml", "template: StronglyEntanglingLayers\nqubits: 4\nfeatures: 4\nencoding: AngleEmbedding\n"
                   f"weights: {weights}\noutputs: [ZIII, IZII, IIZI]\nhead: {{kind: scale, factor: 3}}\ndata: D\n")
        self.qstill("teacher", "import", "--describe", "teacher.yaml", "-o", "T", "--quiet")

    def test_stages(self):
        self.qstill("circuit", "describe", "T")
        self.assertIn("ant,bee,cat", self.qstill("predict", "T", "--data", "raw.csv").out)
        self.qstill("knowledge", "--teacher", "T", "--data", "D", "-o", "K", "--quiet")
        self.qstill("student", "recipe.yaml", "--knowledge", "K", "--data", "D", "-o", "S", "--quiet")
        report = self.qstill("verify", "--student", "S", "--knowledge", "K", "--data", "D", "-o", "R", "--json").json
        self.assertIn("agreement", json.dumps(report))

    def test_the_example(self):
        """Its irises are told apart, all rows and training rows alike."""
        folder = SOURCE / "examples" / "teachers"
        self.qstill("data", SOURCE / "examples/recipes/iris.yaml", "-o", "I", "--quiet")
        self.write("iris.yaml", (folder / "iris.yaml").read_text().replace("data: D", "data: I"))
        self.qstill("teacher", "import", folder / "iris.qasm", "--describe", "iris.yaml", "-o", "E", "--quiet")
        rows = (SOURCE / "data" / "iris.csv").read_text().splitlines()[1:]
        self.write("raw.csv", "\n".join(row.rsplit(",", 1)[0] for row in rows) + "\n")
        labels = self.qstill("predict", "E", "--data", "raw.csv").out.splitlines()[1:]
        right = sum(a.split(",")[0] == b.rsplit(",", 1)[1] for a, b in zip(labels, rows))
        self.assertEqual(len(labels), 150)
        self.assertGreater(right, 130)

    def test_recipe(self):
        """The folder and the description are the same teacher of a recipe; so is the stage's."""
        recipe = (self.folder / "recipe.yaml").read_text()
        start, rest = recipe.split("teacher:\n"), recipe.split("student:\n")
        students = []
        for i, file in enumerate(("T", "teacher.yaml")):
            self.write("with.yaml", start[0] + f"teacher: {{file: {file}}}\nstudent:\n" + rest[1])
            report = self.qstill("run", "with.yaml", "-o", f"r{i}", "--json", "--quiet", "--set", "seeds=1").json
            self.assertEqual(report["settings"][0]["compression"]["qubits"]["teacher"], 4)
            students.append([v for k, v in self.artefacts(f"r{i}").items() if k.endswith("student/model.safetensors")])
        self.assertEqual(students[0], students[1])
        self.assertEqual(len(students[0]), 1)
        self.qstill("teacher", "with.yaml", "--data", "D", "-o", "T2", "--quiet")
        self.assertEqual(self.artefacts("T2"), self.artefacts("T"))
        self.write("teacher.yaml", "template: nothing\n")
        self.refused(2, "template", "run", "with.yaml", "-o", "r9", "--quiet")


if __name__ == "__main__":
    main()
