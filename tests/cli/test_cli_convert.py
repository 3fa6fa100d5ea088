"""`qstill circuit convert`, `simulate`, `count` and `algorithm`: JSON shapes, files, exit codes, bad input, and the known results of
the algorithms; the files of examples/circuits are what docs/algorithms.md says makes them."""
import json
import math
import re
import struct

import program
from program import SOURCE, ProgramTest

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg a[1];\nqreg b[1];\ncreg m[2];\nh a[0];\ncx a[0],b[0];\nmeasure a[0] -> m[0];\nmeasure b[0] -> m[1];\n'
FREE = ('OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float[64] θ;\nqubit[2] q;\nry(θ/2) q[0];\nctrl @ inv @ s q[0], q[1];\n'
        'gphase(θ);\n')
MIDDLE = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\ncreg c[1];\nh q[0];\nmeasure q[0] -> c[0];\nif(c==1) x q[0];\nmeasure q[0] -> c[0];\n'
COUNTS = {"qubits", "bits", "depth", "gates", "total_gates", "two_qubit_gates", "parameters", "measurements", "resets", "barriers",
          "conditions"}
SIMULATION = {"n_qubits", "bit_order", "shots", "seed", "counts", "probabilities", "expectations"}


def complex_array(path):
    """(shape, values) of a complex128 .npy."""
    data = path.read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = data[10:10 + length].decode()
    assert "'descr': '<c16'" in header and "'fortran_order': False" in header, header
    shape = tuple(int(n) for n in re.search(r"'shape': \(([\d, ]+)\)", header).group(1).replace(",", " ").split())
    numbers = struct.unpack(f"<{2 * math.prod(shape)}d", data[10 + length:])
    return shape, [complex(*numbers[i:i + 2]) for i in range(0, len(numbers), 2)]


class Circuits(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("bell.qasm", BELL)
        self.write("free.qasm", FREE)
        self.write("middle.qasm", MIDDLE)

    def circuit(self, *arguments, **options):
        return self.qstill("circuit", *arguments, **options)

    def simulate(self, *arguments, **options):
        found = self.circuit("simulate", *arguments, "--json", **options).json
        self.assertEqual(set(found), SIMULATION)
        return found

    def algorithm(self, *arguments):
        """The most probable outcome of an algorithm, and its probability."""
        text = self.circuit("algorithm", *arguments).out
        found = self.simulate("-", stdin=text.encode())["probabilities"]
        best = max(found, key=found.get)
        return best, found[best]


class Convert(Circuits):
    def test_openqasm_2(self):
        self.assertEqual(self.circuit("convert", "bell.qasm").out,
                         'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg m[2];\nh q[0];\ncx q[0],q[1];\n'
                         "measure q[0] -> m[0];\nmeasure q[1] -> m[1];\n")

    def test_openqasm_3(self):
        self.assertEqual(self.circuit("convert", "free.qasm", "--to", "qasm3").out,
                         'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float[64] theta;\nqubit[2] q;\nry(theta/2.0) q[0];\n'
                         "cp(-1.5707963267948966) q[0],q[1];\ngphase(theta);\n")
        bound = self.circuit("convert", "free.qasm", "--to", "qasm3", "--bind", "θ=0.5").out
        self.assertIn("\nry(0.25) q[0];\n", bound)
        self.assertNotIn("input", bound)
        alone = self.circuit("convert", "free.qasm", "--to", "qasm3", "--flavour", "standalone").out
        self.assertNotIn("include", alone)
        self.assertIn("gate ry(t) a { U(t,0.0,0.0) a; }\n", alone)

    def test_json_there_and_back(self):
        self.circuit("convert", "free.qasm", "--to", "json", "--out", "free.json")
        found = json.loads((self.folder / "free.json").read_text(encoding="utf-8"))
        self.assertEqual((found["format"], found["parameters"]), ("qstill-assembly/1", ["θ"]))
        for options in (["--to", "json"], ["--to", "qasm3"], ["--bind", "θ=1"]):
            self.assertEqual(self.circuit("convert", "free.json", *options).out, self.circuit("convert", "free.qasm", *options).out)
        self.assertEqual(self.circuit("convert", "free.json", "--to", "json").out, (self.folder / "free.json").read_text(encoding="utf-8"))

    def test_writing_again_changes_nothing(self):
        for flavour in ([], ["--to", "qasm3"], ["--to", "qasm3", "--flavour", "standalone"]):
            once = self.circuit("algorithm", "grover", "--qubits", "4", "--marked", "3,9", *flavour).out
            self.assertEqual(self.circuit("convert", "-", *flavour, stdin=once.encode()).out, once)

    def test_files(self):
        done = self.circuit("convert", "bell.qasm", "--out", "new.qasm")
        self.assertEqual(done.out, "")
        self.assertEqual((self.folder / "new.qasm").read_text(), self.circuit("convert", "bell.qasm").out)
        self.refused(7, r"new\.qasm.*exists", "circuit", "convert", "free.qasm", "--to", "qasm3", "--out", "new.qasm")
        self.circuit("convert", "free.qasm", "--to", "qasm3", "--out", "new.qasm", "--force")
        self.assertIn("theta", (self.folder / "new.qasm").read_text())
        self.assert_no_leftovers("bell.qasm", "free.qasm", "middle.qasm", "new.qasm")

    def test_angles(self):
        source = ('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nrx(1e-7) q[0];\nrz(-0.0) q[0];\nry(7) q[0];\nrx(1e6) q[0];\n'
                  "crz(7) q[0],q[1];\nu1(5e-324) q[0];\n")
        self.write("angles.qasm", source)
        lines = self.circuit("convert", "angles.qasm").out.splitlines()[3:]
        self.assertEqual(lines[:3] + lines[4:], ["rx(1.0e-07) q[0];", "rz(-0.0) q[0];", "ry(7.0) q[0];", "crz(7.0) q[0],q[1];", "u1(5.0e-324) q[0];"])
        reduced = float(lines[3][3:-7])
        self.assertAlmostEqual(math.sin(5e5), math.sin(reduced / 2), delta=1e-15)
        self.assertLessEqual(abs(reduced), 4 * math.pi)
        wrapped = self.circuit("convert", "angles.qasm", "--wrap").out.splitlines()[3:]
        self.assertAlmostEqual(7 - 2 * math.pi, float(wrapped[2][3:-7]), delta=1e-15)
        self.assertAlmostEqual(7 - 4 * math.pi, float(wrapped[4][4:-12]), delta=1e-14)

    def test_barriers(self):
        self.write("b.qasm", 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q;\nbarrier q;\nh q;\n')
        self.assertNotIn("barrier", self.circuit("convert", "b.qasm").out)
        self.assertIn("barrier q[0],q[1];\n", self.circuit("convert", "b.qasm", "--barrier").out)

    def test_refused(self):
        self.write("bad.qasm", 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\nhh q[0];\n')
        self.write("loop.qasm", "OPENQASM 3.0;\nqubit q;\nfor int i in [0:3] { U(0,0,0) q; }\n")
        self.write("opaque.qasm", "OPENQASM 2.0;\nqreg q[1];\nopaque magic a;\nmagic q[0];\n")
        self.write("bad.json", "{}")
        for code, message, arguments in [
                (3, r"^qstill: bad\.qasm:4:1: .*hh", ["bad.qasm"]),
                (4, r"^qstill: loop\.qasm:3:1: .*for", ["loop.qasm"]),
                (4, r"magic is opaque", ["opaque.qasm"]),
                (4, r"input θ is free, which OpenQASM 2 cannot say", ["free.qasm"]),
                (4, r"only OpenQASM 2 is written with `if`", ["middle.qasm", "--to", "qasm3"]),
                (3, r"bad\.json", ["bad.json"]),
                (2, r"--bind: x is no input of the circuit", ["free.qasm", "--bind", "x=1"]),
                (2, r"--bind: θ=one is not NAME=VALUE", ["free.qasm", "--bind", "θ=one"]),
                (2, r"--flavour: belongs to --to qasm3", ["bell.qasm", "--flavour", "standalone"]),
                (2, r"--definitions: belongs to --to qasm2", ["bell.qasm", "--to", "qasm3", "--definitions"]),
                (2, r"--barrier: belongs to OpenQASM", ["bell.qasm", "--to", "json", "--barrier"]),
                (2, r"--wrap: belongs to OpenQASM", ["bell.qasm", "--to", "json", "--wrap"]),
                (2, r"--to: qasm4", ["bell.qasm", "--to", "qasm4"]),
                (7, r"none\.qasm", ["none.qasm"])]:
            with self.subTest(arguments=arguments):
                self.refused(code, message, "circuit", "convert", *arguments)
        self.write("two.qasm", "OPENQASM 3.0;\ninput float a;\ninput float b;\nqubit q;\nU(a,b,0) q;\n")
        self.refused(5, r"input b has no value: --bind b=VALUE", "circuit", "convert", "two.qasm", "--bind", "a=1")

    def test_definitions_on_several_qubits(self):
        self.write("cu.qasm", 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncu(1,2,3,4) q[0],q[1];\n'
                              "gate mine a,b { cx a,b; h a; }\nmine q[1],q[0];\n")
        plain = self.qstill("circuit", "convert", "cu.qasm").out
        kept = self.qstill("circuit", "convert", "cu.qasm", "--definitions").out
        self.assertNotIn("mine", plain)
        self.assertIn("\ncu(1.0,2.0,3.0,4.0) q[0],q[1];\n", kept)
        self.assertIn("\nmine q[1],q[0];\n", kept)


class Simulate(Circuits):
    def test_a_seed_is_that_of_shots(self):
        self.refused(2, r"--seed belongs to --shots", "circuit", "simulate", "bell.qasm", "--seed", "3")

    def test_bit_order(self):
        self.write("order.qasm", "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\ncreg a[2];\ncreg b[1];\nx q[0];\n"
                                 "measure q[0] -> a[0];\nmeasure q[1] -> a[1];\nmeasure q[2] -> b[0];\n")
        for order, key in (("q0-right", "0 01"), ("q0-left", "10 0")):
            found = self.qstill("circuit", "simulate", "order.qasm", "--bit-order", order, "--shots", "5", "--json").json
            self.assertEqual((found["bit_order"], found["counts"]), (order, {key: 5}))

    def test_exact(self):
        found = self.simulate("bell.qasm")
        self.assertEqual((found["n_qubits"], found["bit_order"], found["shots"], found["counts"]), (2, "q0-right", None, None))
        self.assertEqual(sorted(found["probabilities"]), ["00", "11"])
        self.assertAlmostEqual(found["probabilities"]["11"], 0.5, delta=1e-14)
        for value in found["expectations"]:
            self.assertAlmostEqual(value, 0, delta=1e-14)

    def test_shots(self):
        found = self.simulate("bell.qasm", "--shots", "10000", "--seed", "3")
        self.assertEqual((found["shots"], found["seed"], sum(found["counts"].values())), (10000, 3, 10000))
        self.assertAlmostEqual(found["counts"]["00"], 5000, delta=300)
        self.assertEqual(found, self.simulate("bell.qasm", "--shots", "10000", "--seed", "3", "--threads", "1"))
        self.assertNotEqual(found["counts"], self.simulate("bell.qasm", "--shots", "10000", "--seed", "4")["counts"])

    def test_measurement_in_the_middle(self):
        self.assertEqual(self.simulate("middle.qasm", "--shots", "50")["counts"], {"0": 50})
        self.refused(4, "it depends on a measurement", "circuit", "simulate", "middle.qasm", "--unitary", "u.npy")

    def test_state_and_unitary(self):
        self.circuit("simulate", "bell.qasm", "--statevector", "s.npy", "--unitary", "u.npy")
        shape, state = complex_array(self.folder / "s.npy")
        self.assertEqual(shape, (4,))
        for got, wanted in zip(state, (0.5**0.5, 0, 0, 0.5**0.5)):
            self.assertAlmostEqual(abs(got - wanted), 0, delta=1e-15)
        shape, unitary = complex_array(self.folder / "u.npy")
        self.assertEqual(shape, (4, 4))
        self.assertEqual([unitary[4 * row] for row in range(4)], state)
        self.refused(7, "s.npy.*exists", "circuit", "simulate", "bell.qasm", "--statevector", "s.npy")
        self.refused(2, r"s\.txt does not end in \.npy", "circuit", "simulate", "bell.qasm", "--statevector", "s.txt")

    def test_global_phase(self):
        self.circuit("simulate", "free.qasm", "--bind", "θ=0.5", "--statevector", "s.npy")
        state = complex_array(self.folder / "s.npy")[1]
        self.assertAlmostEqual(abs(state[0] - math.cos(0.125) * complex(math.cos(0.5), math.sin(0.5))), 0, delta=1e-15)

    def test_refused(self):
        self.refused(5, "input θ has no value", "circuit", "simulate", "free.qasm")
        self.write("wide.qasm", 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[40];\nh q;\n')
        self.refused(8, "40 qubits", "circuit", "simulate", "wide.qasm", "--unitary", "u.npy")
        self.assert_no_leftovers("bell.qasm", "free.qasm", "middle.qasm", "wide.qasm")


class Count(Circuits):
    def test_json(self):
        found = self.circuit("count", "bell.qasm", "--json").json
        self.assertEqual(set(found), COUNTS)
        self.assertEqual((found["qubits"], found["depth"], found["gates"], found["two_qubit_gates"], found["measurements"]),
                         (2, 3, {"cx": 1, "h": 1}, 1, 2))
        self.assertEqual(self.circuit("count", "free.qasm", "--json").json["parameters"], 1)

    def test_page(self):
        self.assertRegex(self.circuit("count", "bell.qasm").out, r"^qubits +2\nbits +2\ndepth +3\ngates +2\n")
        self.refused(7, "none", "circuit", "count", "none.qasm")


class Algorithm(Circuits):
    def test_ghz(self):
        found = self.simulate("-", stdin=self.circuit("algorithm", "ghz", "--qubits", "5").out.encode())["probabilities"]
        self.assertEqual(sorted(found), ["00000", "11111"])
        self.assertAlmostEqual(found["00000"], 0.5, delta=1e-14)

    def test_bernstein_vazirani(self):
        best, p = self.algorithm("bv", "--secret", "1101001")
        self.assertEqual(best, "1101001")
        self.assertAlmostEqual(p, 1, delta=1e-13)

    def test_grover(self):
        best, p = self.algorithm("grover", "--qubits", "4", "--marked", "1010")
        self.assertEqual(best, "1010")
        self.assertAlmostEqual(p, math.sin(7 * math.asin(0.25))**2, delta=1e-12)
        self.write("oracle.qasm", 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\nh q[2];\nccx q[0],q[1],q[2];\nh q[2];\n')
        self.assertEqual(self.algorithm("grover", "--qubits", "3", "--oracle", "oracle.qasm")[0], "111")

    def test_phase_estimation(self):
        best, p = self.algorithm("qpe", "--qubits", "4", "--phase", "0.6875")
        self.assertEqual(best, "1011")
        self.assertAlmostEqual(p, 1, delta=1e-13)
        best, p = self.algorithm("qpe", "--qubits", "3", "--phase", "0.3")
        self.assertEqual(best, "010")
        self.assertAlmostEqual(p, (math.sin(math.pi * 8 * 0.05) / (8 * math.sin(math.pi * 0.05)))**2, delta=1e-12)

    def test_fourier_transforms(self):
        for name, sign in (("qft", 1), ("iqft", -1)):
            self.write("f.qasm", self.circuit("algorithm", name, "--qubits", "3").out)
            self.circuit("simulate", "f.qasm", "--unitary", "f.npy", "--force")
            unitary = complex_array(self.folder / "f.npy")[1]
            for k in range(8):
                for j in range(8):
                    wanted = complex(math.cos(math.pi * j * k / 4), sign * math.sin(math.pi * j * k / 4)) / 8**0.5
                    self.assertAlmostEqual(abs(unitary[8 * k + j] - wanted), 0, delta=1e-14)
            (self.folder / "f.qasm").unlink()

    def test_ising_model(self):
        """Two spins: <Z> after a time t is known in closed form; the second order's error falls with the square of the steps."""
        errors = []
        for steps in ("5", "10"):
            text = self.circuit("algorithm", "tfim", "--qubits", "2", "--steps", steps, "--time", "1", "--coupling", "0.8", "--field", "0.6").out
            errors.append(abs(self.simulate("-", stdin=text.encode())["expectations"][0] - 0.4839659783174138))
        self.assertLess(errors[0], 0.02)
        self.assertAlmostEqual(errors[0] / errors[1], 4, delta=0.4)

    def test_refused(self):
        for message, arguments in [
                (r"\"?grovr\"?.*did you mean grover", ["grovr", "--qubits", "3"]), (r"--qubits N is missing", ["qft"]),
                (r"--phase X is missing", ["qpe", "--qubits", "3"]), (r"--secret: qft has no such option", ["qft", "--qubits", "2", "--secret", "1"]),
                (r'--marked: "x" is neither 3 bits nor', ["grover", "--qubits", "3", "--marked", "x"])]:
            with self.subTest(arguments=arguments):
                self.refused(2, message, "circuit", "algorithm", *arguments)


class Examples(Circuits):
    def test_examples_are_what_the_page_says(self):
        page = (SOURCE / "docs/algorithms.md").read_text(encoding="utf-8")
        made = dict(re.findall(r"^qstill circuit algorithm (.+) -o examples/circuits/(\w+)\.qasm$", page, re.M))
        made = {name: options.split() for options, name in made.items()}
        files = {path.stem: path.read_text() for path in (SOURCE / "examples/circuits").glob("*.qasm")}
        self.assertEqual(sorted(made), sorted(files))
        for name, options in made.items():
            self.assertEqual(self.circuit("algorithm", *options).out, files[name], name)
            drawn = self.circuit("draw", SOURCE / f"examples/circuits/{name}.qasm", "--fold", "100").out
            self.assertIn("\n".join(line.rstrip() for line in drawn.splitlines()), page, name)

    def test_grover_example(self):
        found = self.simulate(SOURCE / "examples/circuits/grover.qasm")["probabilities"]
        self.assertAlmostEqual(found["101"], 121 / 128, delta=1e-12)


if __name__ == "__main__":
    program.main()
