"""`qstill circuit transpile`: what it writes and reports, and what it refuses; the result is simulated by the program."""
import json

import program
from program import ProgramTest

SOURCE = """\
OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[4];
h q[0];
cx q[0],q[1];
rx(0.4) q[2];
cu1(0.3) q[0],q[2];
swap q[0],q[3];
ccx q[0],q[1],q[2];
cx q[3],q[1];
measure q -> c;
"""
FREE = """\
OPENQASM 3.0;
include "stdgates.inc";
input float theta;
qubit[3] q;
h q[0];
cx q[0], q[2];
rz(2 * theta) q[2];
cx q[0], q[2];
"""
COUNTS = {"qubits", "bits", "depth", "gates", "total_gates", "two_qubit_gates", "parameters", "measurements", "resets",
          "barriers", "conditions"}


class Transpile(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "in.qasm").write_text(SOURCE)

    def transpile(self, *arguments, **given):
        return self.qstill("circuit", "transpile", *arguments, **given)

    def probabilities(self, name):
        return self.qstill("circuit", "simulate", name, "--json").json["probabilities"]

    def test_the_report(self):
        found = self.transpile("in.qasm", "--coupling", "line:5", "--basis", "u3,cz", "--seed", "3", "--json", "-o",
                               "out.qasm").json
        self.assertEqual((found["basis"], found["coupling"], found["seed"], found["optimize"]),
                         ("u3,cz", "line:5", 3, 3))
        self.assertEqual((found["qubits"], found["device_qubits"]), (4, 5))
        self.assertEqual((set(found["before"]), set(found["after"])), (COUNTS, COUNTS))
        self.assertEqual(found["after"]["measurements"], 4)
        self.assertLessEqual(set(found["after"]["gates"]), {"u3", "cz", "gphase"})
        for end in ("initial", "final"):
            places = found[f"{end}_layout"] + found[f"idle_{end}"]
            self.assertEqual(sorted(places), list(range(5)))
        counted = self.qstill("circuit", "count", "out.qasm", "--json").json
        self.assertEqual(counted["two_qubit_gates"], found["after"]["two_qubit_gates"])

    def test_the_outcomes_stay(self):
        before = self.probabilities("in.qasm")
        for coupling in ("full", "line", "grid:2x3", "0-1,1-2,2-3,3-0"):
            for level in "0123":
                self.transpile("in.qasm", "--coupling", coupling, "--optimize", level, "-o", "out.qasm", "--force")
                after = self.probabilities("out.qasm")
                for outcome in set(before) | set(after):
                    self.assertAlmostEqual(before.get(outcome, 0), after.get(outcome, 0), delta=1e-12)

    def test_the_text_goes_to_standard_output(self):
        text = self.transpile("in.qasm").out
        self.assertTrue(text.startswith("OPENQASM 2.0;"), text)
        page = self.transpile("in.qasm", "-o", "out.qasm").out
        self.assertIn("two-qubit gates", page)
        self.assertIn("begins on, ends on", page)
        self.assertEqual((self.folder / "out.qasm").read_text(), text)
        self.assertEqual(self.transpile("in.qasm", "-o", "out.qasm", code=7).out, "")

    def test_a_bell_pair_takes_no_gate_too_many(self):
        self.write("bell.qasm", 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n')
        for basis, gates in (("rz,sx,x,cx", {"rz": 2, "sx": 1, "cx": 1}), ("u3,cx", {"u3": 1, "cx": 1})):
            self.qstill("circuit", "transpile", "bell.qasm", "--basis", basis, "--out", "out.qasm", "--force")
            self.assertEqual(self.qstill("circuit", "count", "out.qasm", "--json").json["gates"], gates)

    def test_gates_of_the_basis_stay_gates(self):
        self.qstill("circuit", "transpile", "in.qasm", "--basis", "rz,sx,x,ecr", "--out", "ecr.qasm")
        gates = self.qstill("circuit", "count", "ecr.qasm", "--json").json["gates"]
        self.assertLessEqual(set(gates), {"rz", "sx", "x", "ecr"})

    def test_a_map_from_a_file(self):
        (self.folder / "device.json").write_text(json.dumps(
            {"backend_name": "toy", "n_qubits": 4, "coupling_map": [[1, 0], [1, 2], [3, 2]]}))
        found = self.transpile("in.qasm", "--coupling", "device.json", "--basis", "rz,sx,x,ecr", "--json", "--to",
                               "json", "-o", "out.json").json
        self.assertEqual(found["device_qubits"], 4)
        self.assertIn("ecr", found["after"]["gates"])

    def test_free_parameters(self):
        (self.folder / "free.qasm").write_text(FREE)
        text = self.transpile("free.qasm", "--to", "qasm3").out
        self.assertIn("input float", text)
        self.assertIn("theta", text.split(";", 3)[-1])
        bound = self.transpile("free.qasm", "--bind", "theta=0.25", "--json").json
        self.assertEqual(bound["after"]["parameters"], 0)

    def test_refusals(self):
        for arguments, code, message in [
                (("--basis", "rz,cx"), 2, "is not complete"),
                (("--basis", "rz,sx,cnot2"), 2, "is no gate"),
                (("--coupling", "star"), 2, "none of full, line"),
                (("--coupling", "line:3"), 5, "the coupling map 3"),
                (("--optimize", "4"), 2, "--optimize"),
                (("--json", "-o", "-"), 2, "standard output has the report")]:
            with self.subTest(arguments=arguments):
                result = self.transpile("in.qasm", *arguments, code=code)
                self.assertIn(message, result.err)
                self.assertEqual(result.err.count("\n"), 1)


if __name__ == "__main__":
    program.main()
