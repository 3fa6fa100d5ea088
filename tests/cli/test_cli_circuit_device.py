"""`qstill circuit simulate --device`: what it prints and writes, layouts, transpiling, what it refuses."""
import ast
import json
import math
import struct

import program
from program import ProgramTest

DEVICES = program.SOURCE / "tests" / "golden" / "devices"
MANILA = ["--device", DEVICES / "props_manila.json", "--device", DEVICES / "conf_manila.json", "--max-age", "0"]
SHERBROOKE = ["--device", DEVICES / "props_sherbrooke.json", "--conf", DEVICES / "conf_sherbrooke.json", "--max-age", "0"]
HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
BELL = HEAD + "qreg q[2];\ncreg c[2];\nrz(pi/2) q[0];\nsx q[0];\nrz(pi/2) q[0];\ncx q[0],q[1];\nmeasure q -> c;\n"
GHZ = HEAD + "qreg q[3];\nh q[0];\ncx q[0],q[1];\ncx q[0],q[2];\n"


def read_npy(path):
    """(shape, complex numbers) of a complex128 array."""
    data = path.read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    assert header["descr"] == "<c16" and not header["fortran_order"]
    values = struct.unpack(f"<{(len(data) - 10 - length) // 8}d", data[10 + length:])
    return header["shape"], [complex(re, im) for re, im in zip(values[::2], values[1::2])]


class CircuitDevice(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "bell.qasm").write_text(BELL, encoding="utf-8")
        (self.folder / "ghz.qasm").write_text(GHZ, encoding="utf-8")

    def simulate(self, *arguments, **options):
        return self.qstill("circuit", "simulate", *arguments, **options)

    def refuse(self, code, message, *arguments):
        return self.refused(code, message, "circuit", "simulate", *arguments)

    def test_json_and_density(self):
        found = self.simulate("bell.qasm", *MANILA, "--json", "--probabilities", "--shots", "1000000", "--density", "rho.npy")
        result = found.json
        self.assertEqual((result["device"], result["qubits"], result["readout"]), ("ibmq_manila", [0, 1], "properties"))
        self.assertEqual((result["layout"], result["final_layout"], result["transpiled"]), ([0, 1], [0, 1], False))
        exact = self.simulate("bell.qasm", *MANILA, "--json").json
        self.assertEqual(sum(result["counts"].values()), 1000000)
        for key, probability in exact["probabilities"].items():
            sigma = math.sqrt(probability * (1 - probability) / 1e6)
            self.assertLess(abs(result["counts"][key] / 1e6 - probability), 5 * sigma)
        shape, rho = read_npy(self.folder / "rho.npy")
        self.assertEqual(shape, (4, 4))
        self.assertAlmostEqual(sum(rho[5 * i] for i in range(4)), 1, 12)
        diagonal = [rho[5 * i].real for i in range(4)]
        self.assertTrue(0.48 < diagonal[0] < 0.5 and 0 < diagonal[1] < 0.01 and 0.47 < diagonal[3] < 0.5, diagonal)
        self.assertAlmostEqual(result["expectations"][0], diagonal[0] - diagonal[1] + diagonal[2] - diagonal[3], 12)
        # errors of readout, by hand
        show = self.qstill("device", "show", *MANILA[1::2][:2], "--json", "--max-age", "0").json["qubits"]
        wrong = [(qubit["m1p0"], qubit["m0p1"]) for qubit in show[:2]]
        expected = 0
        for state, weight in enumerate(diagonal):
            for qubit, (up, down) in enumerate(wrong):
                weight *= 1 - down if state >> qubit & 1 else up
            expected += weight
        self.assertAlmostEqual(exact["probabilities"]["11"], expected, 12)
        symmetric = self.simulate("bell.qasm", *MANILA, "--json", "--readout", "symmetric").json
        self.assertEqual(symmetric["readout"], "symmetric")
        self.assertNotAlmostEqual(symmetric["probabilities"]["11"], expected, 4)

    def test_page(self):
        page = self.simulate("bell.qasm", *MANILA, "--layout", "3,2").out
        self.assertIn("on ibmq_manila, qubits 2, 3; readout: properties\n", page)
        self.assertIn("q[i] begins on 3, 2, ends on 3, 2\n", page)
        self.assertIn("not in the model: crosstalk", page)
        self.assertRegex(page, r"(?m)^  11  0\.4\d+  █+$")

    def test_layout_and_temperature(self):
        self.simulate("bell.qasm", *MANILA, "--layout", "3,2", "--density", "a.npy")
        swapped = BELL.replace("q[0]", "q[X]").replace("q[1]", "q[2]").replace("q[X]", "q[3]").replace("qreg q[2]", "qreg q[4]")
        (self.folder / "placed.qasm").write_text(swapped.replace("measure q -> c;", ""), encoding="utf-8")
        self.simulate("placed.qasm", *MANILA, "--density", "b.npy")
        self.assertEqual(read_npy(self.folder / "a.npy"), read_npy(self.folder / "b.npy"))
        self.simulate("bell.qasm", *MANILA, "--layout", "3,2", "--density", "warm.npy", "--temperature-mk", "90")
        self.assertNotEqual(read_npy(self.folder / "a.npy"), read_npy(self.folder / "warm.npy"))

    def test_transpile(self):
        """Outcomes are those of the circuit's qubits, wherever these end."""
        for device in (MANILA, SHERBROOKE, SHERBROOKE + ["--layout", "14,0,2,1"]):
            found = self.simulate("ghz.qasm", *device, "--transpile", "--json").json
            self.assertTrue(found["transpiled"])
            self.assertEqual(len(found["probabilities"]), 8)
            self.assertGreater(found["probabilities"]["000"] + found["probabilities"]["111"], 0.8)
            self.assertEqual(sorted(found["layout"]), found["qubits"])
            self.assertLess(max(map(abs, found["expectations"])), 0.05)
            if "--layout" in device:
                self.assertLessEqual(set(found["qubits"]), {0, 1, 2, 14})
        one = HEAD + "qreg q[2]; creg c[2]; h q[0]; h q[0]; x q[1]; cx q[1],q[0]; measure q -> c;"
        (self.folder / "one.qasm").write_text(one, encoding="utf-8")
        self.assertGreater(self.simulate("one.qasm", *MANILA, "--transpile", "--json").json["probabilities"]["11"], 0.85)
        (self.folder / "in.qasm").write_text('OPENQASM 3.0; include "stdgates.inc"; input float turn; qubit[1] q; ry(turn) q[0];',
                                             encoding="utf-8")
        free = self.simulate("in.qasm", *MANILA, "--transpile", "--json", "--bind", f"turn={math.pi}", "--layout", "4").json
        self.assertEqual(free["qubits"], [4])
        self.assertLess(free["expectations"][0], -0.99)

    def test_dead_gates_are_warned_of(self):
        (self.folder / "dead.qasm").write_text(HEAD + "gate ecr a,b { s a; sx b; cx a,b; x a; }\nqreg q[10];\necr q[8],q[9];\n",
                                               encoding="utf-8")
        result = self.simulate("dead.qasm", *SHERBROOKE, "--density", "rho.npy")
        self.assertIn("the circuit uses ecr on qubits 8, 9, which is dead on device ibm_sherbrooke", result.err)

    def test_refusals(self):
        self.refuse(5, "no gate h", "ghz.qasm", *MANILA)
        self.refuse(5, "--transpile rewrites it", "ghz.qasm", *MANILA)
        self.refuse(5, "instruction", "bell.qasm", *MANILA, "--layout", "0,2")
        self.refuse(5, "--layout has 3 qubits, and the circuit 2", "bell.qasm", *MANILA, "--layout", "0,1,2")
        self.refuse(2, "5 is no qubit", "bell.qasm", *MANILA, "--layout", "0,5")
        self.refuse(2, "5 is no qubit", "bell.qasm", *MANILA, "--layout", "0,5", "--transpile")
        self.refuse(2, "there twice", "bell.qasm", *MANILA, "--layout", "1,1")
        self.refuse(2, "there twice", "bell.qasm", *MANILA, "--layout", "1,1", "--transpile")
        for layout in ("0,x", "0,", "0;1", "-1,0"):
            self.refuse(2, "separated by commas", "bell.qasm", *MANILA, f"--layout={layout}")
        for option in (["--layout", "0,1"], ["--density", "rho.npy"], ["--transpile"], ["--readout", "symmetric"],
                       ["--temperature-mk", "1"], ["--conf", "x"]):
            self.refuse(2, f"{option[0]} belongs to --device", "bell.qasm", *option)
        self.refuse(2, "--statevector is of the circuit without noise", "bell.qasm", *MANILA, "--statevector", "a.npy")
        self.refuse(2, "does not end in .npy", "bell.qasm", *MANILA, "--density", "rho.csv")
        self.refuse(3, "bell.qasm", "bell.qasm", "--device", "bell.qasm")
        for text in ("x q[0]; reset q[0];", "measure q[0] -> c[0]; x q[0];", "if(c==1) x q[0];"):
            (self.folder / "middle.qasm").write_text(HEAD + "qreg q[1]; creg c[1]; " + text, encoding="utf-8")
            self.refuse(4, "is not run on a device", "middle.qasm", *MANILA)
        wide = {"format": "qstill-device/1", "name": "wide", "n_qubits": 12, "qubits": [{}] * 12,
                "gates": [{"name": "x", "qubits": [q]} for q in range(12)]}
        (self.folder / "wide.json").write_text(json.dumps(wide), encoding="utf-8")
        (self.folder / "wide.qasm").write_text(HEAD + "qreg q[12]; x q;", encoding="utf-8")
        self.refuse(8, "more than 10 qubits", "wide.qasm", "--device", "wide.json")


if __name__ == "__main__":
    program.main()
