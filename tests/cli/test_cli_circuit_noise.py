"""`qstill circuit simulate --noise`: channels in closed form, the same noise as a device's, what it prints, what it refuses."""
import json
import math

import program
from program import ProgramTest

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
BELL = HEAD + "qreg q[2];\ncreg c[2];\nrz(pi/2) q[0];\nsx q[0];\nrz(pi/2) q[0];\ncx q[0],q[1];\nsx q[1];\nmeasure q -> c;\n"


class CircuitNoise(ProgramTest):
    def write(self, name, body):
        (self.folder / name).write_text(HEAD + body, encoding="utf-8")

    def simulate(self, name, *noise, extra=()):
        options = [word for text in noise for word in ("--noise", text)]
        return self.qstill("circuit", "simulate", name, *options, *extra, "--json").json

    def test_closed_forms(self):
        p, e, f = 0.125, 0.01, 0.03
        self.write("x.qasm", "qreg q[1]; x q[0];")
        self.write("cx.qasm", "qreg q[2]; cx q[0],q[1];")
        self.write("h.qasm", "qreg q[1]; h q[0]; h q[0];")
        one = self.simulate("x.qasm", f"bit_flip={p}", f"readout={e},{f}")
        self.assertAlmostEqual(one["probabilities"]["1"], (1 - p) * (1 - f) + p * e, 13)
        self.assertAlmostEqual(one["expectations"][0], 2 * p - 1, 13)  # of the state
        self.assertEqual(one["noise"], [f"bit_flip={p}", f"readout={e},{f}"])
        cases = {("x.qasm", "amplitude_damping=0.2"): ("1", 0.8), ("x.qasm", "amplitude_damping=0.2,0.5"): ("1", 0.9),
                 ("x.qasm", "thermal_relaxation=50,70,10"): ("1", math.exp(-0.2)), ("x.qasm", "pauli=0.1,0.2,0.3"): ("1", 0.7),
                 ("x.qasm", "phase_flip=0.5"): ("1", 1), ("x.qasm", "rotation_x=0.4"): ("1", math.cos(0.2) ** 2),
                 ("x.qasm", "q0:readout=0.25"): ("1", 0.75), ("x.qasm", "1:x,y:bit_flip=0.25"): ("1", 0.75),
                 ("x.qasm", "y:bit_flip=0.25"): ("1", 1), ("x.qasm", "2:bit_flip=0.25"): ("1", 1),
                 ("cx.qasm", f"depolarizing={p}"): ("00", 1 - 3 * p / 4), ("cx.qasm", f"2:depolarizing={p}"): ("00", 1 - 3 * p / 4),
                 ("cx.qasm", f"each:cx:depolarizing={p}"): ("00", (1 - p / 2) ** 2),
                 ("cx.qasm", f"q1:depolarizing={p}"): ("00", 1 - p / 2), ("cx.qasm", f"q0,q1:bit_flip={p}"): ("00", (1 - p) ** 2),
                 ("h.qasm", "phase_damping=0.36"): ("0", 0.9), ("h.qasm", "over_rotation=0.3"): ("0", 1)}
        for (name, noise), (key, expected) in cases.items():
            self.assertAlmostEqual(self.simulate(name, noise)["probabilities"][key], expected, 12, f"{name} {noise}")

    def test_a_device_has_the_same_noise(self):
        """The density matrix of --device is another simulator; depolarizing from an error, relaxation from a time."""
        (self.folder / "bell.qasm").write_text(BELL, encoding="utf-8")
        gates = [{"name": "cx", "qubits": [0, 1], "error": 0.03, "time_ns": 0}]
        gates += [{"name": "sx", "qubits": [q], "time_ns": 300} for q in (0, 1)] + [{"name": "rz", "qubits": [0], "time_ns": 0}]
        device = {"format": "qstill-device/1", "n_qubits": 2, "gates": gates,
                  "qubits": [{"t1_ns": 5000, "t2_ns": 4000, "m1p0": 0.02, "m0p1": 0.05},
                             {"t1_ns": 7000, "t2_ns": 9000, "m1p0": 0.01, "m0p1": 0.04}]}
        (self.folder / "device.json").write_text(json.dumps(device), encoding="utf-8")
        noise = [f"cx:depolarizing={0.03 * 4 / 3}", "q0:sx:thermal_relaxation=5000,4000,300", "sx:q1:thermal_relaxation=7,9,0.3",
                 "readout=0.02,0.05", "q1:readout=0.01,0.04"]
        ours = self.simulate("bell.qasm", *noise)
        theirs = self.qstill("circuit", "simulate", "bell.qasm", "--device", "device.json", "--max-age", "0", "--json").json
        self.assertEqual(set(ours["probabilities"]), set(theirs["probabilities"]))
        for key, value in theirs["probabilities"].items():
            self.assertAlmostEqual(ours["probabilities"][key], value, 13)
        for one, other in zip(ours["expectations"], theirs["expectations"]):
            self.assertAlmostEqual(one, other, 13)

    def test_shots_and_pages(self):
        (self.folder / "bell.qasm").write_text(BELL, encoding="utf-8")
        noise = ("depolarizing=0.05", "readout=0.02")
        exact = self.simulate("bell.qasm", *noise)["probabilities"]
        found = self.simulate("bell.qasm", *noise, extra=("--shots", "1000000"))
        self.assertEqual(sum(found["counts"].values()), 1000000)
        for key, probability in exact.items():
            sigma = math.sqrt(probability * (1 - probability) / 1e6)
            self.assertLess(abs(found["counts"][key] / 1e6 - probability), 5 * sigma)
        self.assertEqual(found, self.simulate("bell.qasm", *noise, extra=("--shots", "1000000", "--threads", "1")))
        other = self.simulate("bell.qasm", *noise, extra=("--shots", "1000000", "--seed", "1"))
        self.assertNotEqual(found["counts"], other["counts"])
        page = self.qstill("circuit", "simulate", "bell.qasm", "--noise", noise[0], "--noise", noise[1]).out
        self.assertIn("with noise: depolarizing=0.05, readout=0.02\n", page)
        self.assertNotIn("noise", self.qstill("circuit", "simulate", "bell.qasm", "--json").json)

    def test_registers(self):
        """Qubits keep their numbers whichever of them gates touch; a measured qubit without gates is misread alone."""
        self.write("wide.qasm", "qreg q[40]; creg a[1]; creg b[2]; x q[37]; cx q[37],q[2]; measure q[2] -> b[1]; "
                                "measure q[37] -> b[0]; measure q[9] -> a[0];")
        found = self.simulate("wide.qasm", "q2:bit_flip=0.25", "q9:readout=0.125", "q37:readout=0,0.5")
        self.assertEqual(len(found["probabilities"]), 8)
        self.assertAlmostEqual(found["probabilities"]["11 0"], 0.75 * 0.5 * 0.875, 13)
        self.assertAlmostEqual(found["probabilities"]["00 1"], 0.25 * 0.5 * 0.125, 13)
        self.assertAlmostEqual(found["expectations"][2], -0.5, 13)
        self.assertEqual((found["expectations"][9], len(found["expectations"])), (1, 40))

    def test_refusals(self):
        self.write("cx.qasm", "qreg q[2]; cx q[0],q[1]; measure q[0] -> c[0];".replace("qreg", "creg c[1]; qreg", 1))
        cases = {"depolarising=0.1": "did you mean depolarizing", "cxx:depolarizing=0.1": "did you mean cx",
                 "depolarizing": "no CHANNEL=NUMBER", "depolarizing=": "is not a number", "depolarizing=0.1,": "is not a number",
                 "depolarizing=0.1,0.2": "takes 1 number", "pauli=0.1,0.1": "takes 3 numbers", "depolarizing=1.5": "not in 0..1.33333",
                 "thermal_relaxation=1,3,1": "more than 2 t1", "6:depolarizing=0.1": "1 to 5 qubits",
                 "1:2:depolarizing=0.1": "second number of qubits", "cx:cz:depolarizing=0.1": "second list of gates",
                 "q0:q1:depolarizing=0.1": "second list of qubits", "each:each:depolarizing=0.1": "given twice",
                 "q2:depolarizing=0.1": "the circuit has the qubits q0..q1", "cx:readout=0.1": "takes qubits alone",
                 "readout=0.1,0.1,0.1": "one number for both", "readout=1.5": "errors of readout", ":depolarizing=0.1": "is no gate",
                 "each:over_rotation=0.1": "acts on the gate", "depolarizing=0.1,0,0,0,0": "too many numbers"}
        for noise, message in cases.items():
            self.refused(2, message, "circuit", "simulate", "cx.qasm", "--noise", noise)
        self.refused(4, "over_rotation behind gate cx", "circuit", "simulate", "cx.qasm", "--noise", "over_rotation=0.1")
        for option in (["--device", "x.json"], ["--statevector", "a.npy"], ["--unitary", "a.npy"]):
            self.refused(2, f"--noise does not go with {option[0]}", "circuit", "simulate", "cx.qasm", "--noise",
                         "depolarizing=0.1", *option)
        for text in ("x q[0]; reset q[0];", "measure q[0] -> c[0]; x q[0];", "if(c==1) x q[0];"):
            self.write("middle.qasm", "qreg q[1]; creg c[1]; " + text)
            self.refused(4, "are not run with noise", "circuit", "simulate", "middle.qasm", "--noise", "bit_flip=0.1")
        self.write("wide.qasm", "qreg q[11]; x q;")
        self.refused(8, "at most 10", "circuit", "simulate", "wide.qasm", "--noise", "bit_flip=0.1")


if __name__ == "__main__":
    program.main()
