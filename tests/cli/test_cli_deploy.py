"""`qstill deploy`: the C file, compiled and run, gives what `qstill predict` gives; the outputs follow from the OpenQASM
files as their comments say; the JSON form is enough to build the student again; and what is refused."""
import cmath
import csv
import io
import json
import math
import os
import re
import shutil
import subprocess

from program import CloudTest, cloud_rows, main

CC = os.environ.get("CC") or shutil.which("gcc") or shutil.which("cc")
STRICT = ["-std=c17", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes"]
TOLERANCE = 1e-12

# Every gate with a name in OpenQASM 2, angles that are not symmetric.
GATES = {0: "x y z h s sdg t tdg id sx sxdg", 1: "rx ry rz u1 p", 2: "u2", 3: "u3 u"}
PAIRS = {0: "cx cz cy ch swap csx", 1: "crz cu1 rxx rzz crx cry cp", 3: "cu3", 4: "cu"}
MORE = {3: "ccx cswap rccx", 4: "c3x c3sqrtx rc3x", 5: "c4x"}


def all_gates():
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', "qreg q[5];"]
    number = 0
    for counts, table in ((1, GATES), (2, PAIRS)):
        for n_angles, names in table.items():
            for name in names.split():
                number += 1
                angles = ",".join(f"{0.3 + 0.17 * ((number + i) % 11):.2f}" for i in range(n_angles))
                qubits = ",".join(f"q[{(number + 2 * i) % 5}]" for i in range(counts))
                lines.append(f"{name}{'(' + angles + ')' if n_angles else ''} {qubits};")
                lines.append(f"ry({0.1 * (number % 7) - 0.2:.2f}) q[{number % 5}];")
    for counts, names in MORE.items():
        for name in names.split():
            number += 1
            lines.append(f"{name} " + ",".join(f"q[{(number + 3 * i) % 5}]" for i in range(counts)) + ";")
            lines.append(f"ry(0.4) q[{number % 5}];")
    return "\n".join(lines) + "\n"


def table(text):
    rows = list(csv.reader(io.StringIO(text)))
    return rows[0], [row[0] for row in rows[1:]], [[float(v) for v in row[1:]] for row in rows[1:]]


class DeployTest(CloudTest):
    def build(self, source, *flags, name="student"):
        subprocess.run([CC, *STRICT, "-O2", *flags, str(self.folder / source), "-o", str(self.folder / name), "-lm"],
                       check=True, capture_output=True, text=True)

    def assert_same_predictions(self, model, data="raw.csv"):
        """The compiled file against `qstill predict`, with optimisation, and once with the sanitizers."""
        self.qstill("deploy", model, "--to", "c", "-o", f"{model}.c", "--quiet")
        expected = table(self.qstill("predict", model, "--data", data).out)
        for flags in ((), ("-fsanitize=address,undefined", "-fno-sanitize-recover")):
            self.build(f"{model}.c", "-DQSTILL_MAIN", *flags)
            given = subprocess.run([str(self.folder / "student")], input=(self.folder / data).read_text(), text=True,
                                   capture_output=True, check=True).stdout
            given = table(given)
            self.assertEqual(given[0], expected[0])
            self.assertEqual(given[1], expected[1])
            self.assertGreater(len(given[2]), 3)
            self.assertEqual(len(given[2]), len(expected[2]))
            for mine, theirs in zip(given[2], expected[2]):
                self.assertLessEqual(max(abs(a - b) for a, b in zip(mine, theirs)), TOLERANCE)

    def teacher(self, out, *sets):
        """An untrained model of the recipe with some keys changed."""
        arguments = [f for s in ("teacher.train.epochs=1", *sets) for f in ("--set", s)]
        self.qstill("data", "recipe.yaml", "-o", f"{out}-data", "--quiet", *arguments)
        self.qstill("teacher", "recipe.yaml", "--data", f"{out}-data", "-o", out, "--quiet", *arguments)

    def imported(self, out, description, circuit=None):
        self.write("describe.yaml", description)
        arguments = []
        if circuit is not None:
            self.write("circuit.qasm", circuit)
            arguments = ["circuit.qasm"]
        self.qstill("teacher", "import", *arguments, "--describe", "describe.yaml", "-o", out, "--quiet")

    def data_of(self, n, name="x.csv", make=lambda row, i: math.sin(1.7 * row + 2.3 * i + 0.4)):
        self.write(name, "".join(",".join(repr(float(make(row, i))) for i in range(n)) + "\n" for row in range(6)))


class CTest(DeployTest):
    def test_heads_and_preprocessing(self):
        self.teacher("linear", "data.preprocess=[{pca: 3}, {range: [-1, 1]}]")
        self.teacher("scale", "teacher.head=scale", "teacher.outputs=[z]")
        self.teacher("none", "teacher.head=none", "teacher.encoding=zz", "teacher.qubits=4",
                     "teacher.outputs=[IIIZ, 0.5*XYZI - YYII, IXIX]")
        for model in ("linear", "scale", "none"):
            self.assert_same_predictions(model)

    def test_readouts(self):
        for words in ("grouped", "parity"):
            self.teacher(words, f"teacher.outputs=[{words}]", "teacher.head=none")
            self.assert_same_predictions(words)
        self.teacher("probabilities", "teacher.outputs=[probabilities]", "teacher.encoding=angle_y",
                     "teacher.qubits=4")
        self.assert_same_predictions("probabilities")

    def test_preparations(self):
        self.teacher("amplitude", "teacher.encoding=amplitude")
        self.teacher("basis", "teacher.encoding=basis", "teacher.qubits=5",
                     "data.preprocess=[standardize, {binarize: 0.1}]")
        for model in ("amplitude", "basis"):
            self.assert_same_predictions(model)

    def test_all_gates(self):
        self.data_of(32)
        self.imported("gates", "encoding: amplitude\nfeatures: 32\noutputs: [z, xx, IXYZI]\n"
                      "classes: [a, b, c]\nhead: {kind: linear, weights: W.csv}\n" if self.write(
                          "W.csv", "\n".join(",".join(str(math.cos(i * 16 + j)) for j in range(16))
                                             for i in range(3)) + "\n") else "", all_gates())
        self.assert_same_predictions("gates", "x.csv")
        for entangler in ("ryy", "rzx", "iswap", "ecr", "rzz", "crx"):
            n_weights = 3 * 3 if entangler in ("iswap", "ecr") else 3 * 3 + 2 * 3
            self.imported(entangler, f"template: two_local\nlayers: 2\nentangler: {entangler}\nqubits: 3\nfeatures: 3\n"
                          f"encoding: iqp\nweights: {[0.3 + 0.7 * i for i in range(n_weights)]}\n")
            self.data_of(3, "x3.csv")
            self.assert_same_predictions(entangler, "x3.csv")

    def test_many_qubits(self):
        """Above 12 qubits the state is static."""
        self.imported("wide", f"template: RealAmplitudes\nlayers: 1\nqubits: 14\nfeatures: 3\nencoding: angle_y\n"
                      f"outputs: [z]\nweights: {[0.1 * i for i in range(28)]}\n")
        self.data_of(3, "x3.csv")
        self.assert_same_predictions("wide", "x3.csv")
        text = (self.folder / "wide.c").read_text()
        self.assertIn("    static amplitude psi[N_STATES];", text)
        self.assertIn("not reentrant", text)

    def test_hybrids_and_probes(self):
        self.teacher("dense", "teacher.before=[{dense: 5}, tanh, {dense: 3}, {leaky_relu: 0.2}]",
                     "teacher.after=[{dense: 4}, gelu, batch_norm]")
        self.teacher("probe", "teacher.model=linear_probe")
        for model in ("dense", "probe"):
            self.assert_same_predictions(model)

    def test_images(self):
        self.write("recipe.yaml", "data: {source: digits, per_class: 12}\nteacher:\n  qubits: 4\n  layers: 1\n"
                   "  before: [{conv: {channels: 4, kernel: [3, 2], stride: 2, padding: 1}}, batch_norm, relu, "
                   "{max_pool: {kernel: 2, stride: 1}}, {conv: {channels: 3, kernel: 2}}, sigmoid, {avg_pool: 2}, flatten, {dropout: 0.1}, "
                   "{dense: 4}]\n  train: {batch: 32, epochs: 1}\nstudent: {qubits: 2}\n")
        self.teacher("images")
        self.write("recipe.yaml", "data: {source: digits, per_class: 12, preprocess: [{pool: 4}, {scale: 0.1}]}\n"
                   "teacher:\n  qubits: 3\n  layers: 1\n  before: [{conv: {channels: 5, kernel: 3}}, global_avg_pool]\n"
                   "  train: {batch: 32, epochs: 1}\nstudent: {qubits: 2}\n")
        self.teacher("pooled")
        self.data_of(64, make=lambda row, i: abs(7 * row + 5 * i) % 17)
        for model in ("images", "pooled"):
            self.assert_same_predictions(model, "x.csv")

    def test_samples_that_are_refused(self):
        self.imported("m", "encoding: amplitude\nfeatures: 3\nclasses: [\"x?\\\"\\\\\", y]\n", "OPENQASM 2.0;\n"
                      'include "qelib1.inc";\nqreg q[2];\nry(0.5) q[0];\ncx q[0],q[1];\n')
        self.qstill("deploy", "m", "--to", "c", "-o", "m.c")
        self.write("call.c", '#include <math.h>\n#include <stdio.h>\nint qstill_predict(const double *, double *);\n'
                   "extern const char *const qstill_class_names[];\nint main(void) {\n"
                   "    double p[2], x[4][3] = {{1, NAN, 0}, {0, 0, 0}, {INFINITY, 0, 0}, {3, 1, 2}};\n"
                   "    for (int i = 0; i < 4; i++)\n        printf(\"%d \", qstill_predict(x[i], p));\n"
                   "    puts(qstill_class_names[0]);\n    return 0;\n}\n")
        self.build("m.c", str(self.folder / "call.c"))
        said = subprocess.run([str(self.folder / "student")], capture_output=True, text=True, check=True).stdout
        self.assertRegex(said, r'^-1 -1 -1 [01] x\?"\\$')


class QasmTest(DeployTest):
    def outputs(self, files, n_outputs):
        """Outputs by the comments, from the exact probabilities of each file."""
        values = [0.0] * n_outputs
        for name in files:
            p = self.qstill("circuit", "simulate", name, "--probabilities", "--json").json["probabilities"]
            for k, number, pauli in re.findall(r"// output (\d+) \+= (\S+) \* <(\w+)>",
                                               (self.folder / name).read_text()):
                for bits, share in p.items():
                    ones = sum(b == "1" and letter != "I" for b, letter in zip(bits, pauli))
                    values[int(k)] += float(number) * share * (-1) ** ones
        return values

    def setUp(self):
        super().setUp()
        self.data_of(3)
        self.imported("m", "template: strongly_entangling\nqubits: 3\nfeatures: 3\nencoding: angle_y\n"
                      "bit_order: q0-right\noutputs: [z, 0.5*XII - 2*IYX, XXI]\n"
                      f"weights: {[[[0.2 + 0.3 * (3 * q + i) for i in range(3)] for q in range(3)]]}\n")
        self.qstill("knowledge", "--teacher", "m", "--data", "x.csv", "--out", "s.npy")
        self.scores = self.read_npy("s.npy")

    def test_bound(self):
        for form in ("qasm2", "qasm3"):
            said = self.qstill("deploy", "m", "--to", form, "--data", "x.csv", "--row", 4, "-o", f"{form}.qasm",
                               "--json").json
            self.assertEqual(said, {"form": form, "files": [f"{form}-{i}.qasm" for i in (1, 2, 3)]})
            values = self.outputs(said["files"], 5)
            self.assertLessEqual(max(abs(a - b) for a, b in zip(values, self.scores[4])), TOLERANCE)
        standalone = self.qstill("deploy", "m", "--to", "qasm3", "--flavour", "standalone", "--data", "x.csv", "-o",
                                 "s.qasm", "--json").json["files"]
        self.assertNotIn("include", (self.folder / standalone[0]).read_text())
        values = self.outputs(standalone, 5)
        self.assertLessEqual(max(abs(a - b) for a, b in zip(values, self.scores[0])), TOLERANCE)

    def test_inputs(self):
        """Features stay inputs; bound by another command they give the bound file's state."""
        self.qstill("deploy", "m", "--to", "qasm3", "--no-measurement", "-o", "free.qasm")
        self.qstill("deploy", "m", "--to", "qasm3", "--no-measurement", "--data", "x.csv", "-o", "bound.qasm")
        self.assertIn("input float[64] features_2;", (self.folder / "free.qasm").read_text())
        self.assertNotIn("measure", (self.folder / "free.qasm").read_text())
        x = (self.folder / "x.csv").read_text().split("\n")[0].split(",")
        bind = [f for i, v in enumerate(x) for f in ("--bind", f"features_{i}={v}")]
        free = self.qstill("circuit", "simulate", "free.qasm", *bind, "--json").json["probabilities"]
        bound = self.qstill("circuit", "simulate", "bound.qasm", "--json").json["probabilities"]
        self.assertEqual(sorted(free), sorted(bound))
        self.assertLessEqual(max(abs(free[k] - bound[k]) for k in free), TOLERANCE)

    def test_amplitudes(self):
        self.teacher("a", "teacher.encoding=amplitude", "teacher.head=none", "teacher.outputs=[z]", "data.preprocess=[]")
        self.qstill("deploy", "a", "--to", "qasm2", "--data", "raw.csv", "--row", 1, "-o", "a.qasm")
        self.qstill("knowledge", "--teacher", "a", "--data", "raw.csv", "--out", "a.npy")
        values = self.outputs(["a.qasm"], 3)
        self.assertLessEqual(max(abs(a - b) for a, b in zip(values, self.read_npy("a.npy")[1])), TOLERANCE)
        self.assertFalse((self.folder / "a" / "circuit.qasm").exists())
        self.refused(4, "features", "deploy", "a", "--to", "qasm3", "-o", "b.qasm")

    def test_model_folder(self):
        """circuit.qasm has an input for each weight and feature, and changes nothing about the model."""
        text = (self.folder / "m" / "circuit.qasm").read_text()
        self.assertEqual(len(re.findall(r"input float\[64\] weights_\d+;", text)), 9)
        self.assertEqual(len(re.findall(r"input float\[64\] features_\d+;", text)), 3)
        self.write("m/circuit.qasm", "no circuit at all")
        before = self.scores
        self.qstill("knowledge", "--teacher", "m", "--data", "x.csv", "--out", "s.npy", "--force")
        self.assertEqual(before, self.read_npy("s.npy"))

    def test_import_again(self):
        """A student's own circuit.qasm is a teacher for others: the same scores."""
        weights = self.qstill("deploy", "m", "--to", "json", "-o", "-").json["weights"]
        self.imported("n", "features: features_*\nweight_names: weights_*\noutputs: [z, 0.5*XII - 2*IYX, XXI]\n"
                      f"weights: {weights}\n", (self.folder / "m" / "circuit.qasm").read_text())
        self.qstill("knowledge", "--teacher", "n", "--data", "x.csv", "--out", "n.npy")
        for mine, theirs in zip(self.read_npy("n.npy"), self.scores):
            self.assertLessEqual(max(abs(a - b) for a, b in zip(mine, theirs)), TOLERANCE)

    def test_refused(self):
        self.refused(4, "sample", "deploy", "m", "--to", "qasm2", "-o", "a.qasm")
        self.refused(2, "--row 6: there are rows 0..5", "deploy", "m", "--to", "qasm2", "--data", "x.csv", "--row", 6,
                     "-o", "a.qasm")
        self.refused(5, "4 numbers, the model takes 3", "deploy", "m", "--to", "qasm2", "--data", "raw.csv", "-o",
                     "a.qasm")
        self.refused(2, "--data", "deploy", "m", "--to", "c", "--data", "x.csv", "-o", "a.c")
        self.refused(2, "--flavour", "deploy", "m", "--to", "qasm2", "--flavour", "qiskit", "--data", "x.csv", "-o",
                     "a")
        self.refused(2, "3 circuits", "deploy", "m", "--to", "qasm3", "-o", "-")
        self.write("b-2.qasm", "mine")
        self.refused(7, "b-2.qasm: exists", "deploy", "m", "--to", "qasm3", "-o", "b.qasm")
        self.assertFalse((self.folder / "b-1.qasm").exists())
        self.write("recipe.yaml", "data: {source: iris}\nteacher: {model: mlp, hidden: [3]}\nstudent: {qubits: 2}\n")
        self.teacher("net")
        self.refused(4, "a model of kind network has no circuit", "deploy", "net", "--to", "c", "-o", "a.c")
        self.refused(4, "at most 20", "deploy", self.wide(), "--to", "c", "-o", "a.c")

    def wide(self):
        self.imported("wide", "features: [a]\n", 'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float a;\n'
                      "qubit[21] q;\nry(a) q[0];\n")
        return "wide"


class JsonTest(DeployTest):
    def test_build_again(self):
        """A prediction from the numbers alone: RY, RZ and CX on a state vector, values, head, softmax."""
        self.teacher("m")
        made = self.qstill("deploy", "m", "--to", "json", "--data", "raw.csv", "--row", 7, "-o", "-").json
        self.assertEqual(made["format"], "qstill-student/1")
        self.assertEqual(made["class_names"], ["ant", "bee", "cat"])
        x = self.preprocess(made, cloud_rows()[7][0])
        self.assertLessEqual(max(abs(a - b) for a, b in zip(x, made["sample"]["features"])), TOLERANCE)
        psi = self.run_circuit(made["circuit"], made["weights"], x)
        values = [sum((-1) ** bin(i & self.mask(pauli)).count("1") * abs(a) ** 2 for i, a in enumerate(psi)) * number
                  for _, number, pauli in made["readout"]["terms"]]
        n, head = len(values), made["head"]
        scores = [sum(head["W"][c * n + k] * values[k] for k in range(n)) + head["b"][c] for c in range(3)]
        total = sum(math.exp(s) for s in scores)
        for c in range(3):
            self.assertAlmostEqual(scores[c], made["sample"]["scores"][c], delta=TOLERANCE)
            self.assertAlmostEqual(math.exp(scores[c]) / total, made["sample"]["probabilities"][c], delta=TOLERANCE)

    @staticmethod
    def mask(pauli):
        return sum(1 << k for k, letter in enumerate(reversed(pauli)) if letter == "Z")

    @staticmethod
    def preprocess(made, x):
        mean, deviation = (made["preprocess_tensors"][f"preprocess.0.{name}"] for name in ("mean", "deviation"))
        factor = made["preprocess"][1]["arguments"][0]
        return [(v - m) / d * factor for v, m, d in zip(x, mean, deviation)]

    def run_circuit(self, circuit, weights, x):
        def variable(name):
            return 1.0 if name is None else (weights if name[0] == "w" else x)[int(name[1:])]

        psi = [1.0] + [0.0] * (2 ** circuit["n_qubits"] - 1)
        for gate, qubits, *angles in circuit["operations"]:
            angle = sum(t[0] * math.prod(variable(v) for v in t[1:]) for t in angles[0][0]) if angles else 0
            bit = 1 << qubits[-1]
            for i in range(len(psi)):
                if i & bit:
                    continue
                a, b = psi[i], psi[i | bit]
                if gate == "ry":
                    c, s = math.cos(angle / 2), math.sin(angle / 2)
                    psi[i], psi[i | bit] = c * a - s * b, s * a + c * b
                elif gate == "rz":
                    psi[i], psi[i | bit] = a * cmath.exp(-0.5j * angle), b * cmath.exp(0.5j * angle)
                else:
                    self.assertEqual(gate, "cx")
                    if i >> qubits[0] & 1:
                        psi[i], psi[i | bit] = b, a
        return psi


if __name__ == "__main__":
    main()
