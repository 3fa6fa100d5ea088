"""`qstill device place`: where a circuit is best on a device, what is printed and written, what is refused."""
import json
import xml.etree.ElementTree as xml

import program
from program import ProgramTest

DEVICES = program.SOURCE / "tests" / "golden" / "devices"
MANILA = ["--device", DEVICES / "props_manila.json", "--device", DEVICES / "conf_manila.json"]
BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'
FREE = ('OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float a;\ninput float b;\nqubit[3] q;\nry(a) q[0];\n'
        'cx q[0], q[1];\nrx(b) q[1];\nrz(a) q[1];\ncx q[1], q[2];\nry(2*a) q[2];\n')
RING = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[4];\nh q;\n' + "".join(
    f"cx q[{k}],q[{(k + 1) % 4}];\nry(0.3) q[{k}];\n" for k in range(4))


class Place(ProgramTest):
    def place(self, *arguments, device=MANILA, **options):
        return self.qstill("device", "place", *arguments, *device, "-q", **options)

    def neutral(self, n, edges, dead=()):
        gates = [{"name": name, "qubits": [q], "error": 1e-4 * (q + 1) if name == "sx" else 0, "time_ns": 0 if name == "rz" else 40}
                 for q in range(n) for name in ("rz", "sx")]
        gates += [{"name": "cz", "qubits": list(pair), "error": 1 if pair in dead else 0.01, "time_ns": 200} for pair in edges]
        qubits = [{"m1p0": 0.01 * (q + 1), "m0p1": 0.01 * (q + 1)} for q in range(n)]
        return ["--device", self.write("device.json", json.dumps(
            {"format": "qstill-device/1", "name": "small", "n_qubits": n, "qubits": qubits, "gates": gates}))]

    def test_the_best_pair_by_hand(self):
        # a Bell state: an SX on the control, one on both sides of the CZ on the target; figures of the file above
        self.write("bell.qasm", BELL)
        edges = [(0, 1), (1, 2), (2, 3)]
        found = self.place("bell.qasm", "--json", device=self.neutral(4, edges)).json
        self.assertEqual((found["qubits"], found["edges"], found["placements"]), ([0, 1], [[0, 1]], 6))
        self.assertTrue(found["complete"])
        gates = [found["gates"], found["two_qubit_gates"], found["depth"], found["exchanges"]]
        self.assertEqual(gates, [4, 1, 3, 0])
        self.assertEqual(found["duration_ns"], 280)
        self.assertEqual((found["layout"], found["final_layout"]), ([1, 0], [1, 0]))
        self.assertAlmostEqual(found["fidelity"], 0.99 * 0.99 * 0.98 * (1 - 1e-4) ** 2 * (1 - 2e-4), delta=1e-14)
        self.assertAlmostEqual(found["runner_up"], 0.99 * 0.98 * 0.97 * (1 - 2e-4) ** 2 * (1 - 3e-4), delta=1e-14)

    def test_page_circuit_and_map(self):
        self.write("free.qasm", FREE)
        page = self.place("free.qasm", "--out", "out.qasm", "--to", "qasm3", "--svg", "map.svg").out
        self.assertRegex(page, r"on .*manila.*, qubits \d, \d, \d\nedges \d-\d, \d-\d\nq\[i\] begins on \d, \d, \d, ends on \d, \d, \d\n"
                               r"\d+ gates, 2 of them on two qubits, depth \d+, [\d.]+ us\nexpected fidelity 0\.\d+, readout included\n"
                               r"6 placements compared: no other is better; the next best on other qubits 0\.\d+\n")
        text = (self.folder / "out.qasm").read_text()
        self.assertIn("input float[64] weights_1;\n", text)
        self.assertNotRegex(text, r"\b(ry|rx|h) ?[\(q]")
        root = xml.fromstring((self.folder / "map.svg").read_text())
        tags = [element.tag.rsplit("}")[-1] for element in root.iter()]
        self.assertEqual((tags.count("circle"), tags.count("line"), tags.count("path")), (5 + 3, 4, 2))

    def test_what_is_written_runs_there(self):
        """The bound circuit is the device's own: simulated there as it stands, it has the outcomes of the ideal one but for noise."""
        self.write("free.qasm", FREE)
        found = self.place("free.qasm", "--bind", "a=0.4", "--bind", "b=1.1", "--out", "out.qasm", "--json").json
        layout = ",".join(map(str, found["qubits"]))
        there = self.qstill("circuit", "simulate", "out.qasm", *MANILA, "--layout", layout, "--json", "-q").json
        ideal = self.qstill("circuit", "simulate", "free.qasm", "--bind", "a=0.4", "--bind", "b=1.1", "--json", "-q").json
        for k in range(3):
            at = found["qubits"].index(found["final_layout"][k])
            self.assertAlmostEqual(there["expectations"][at], ideal["expectations"][k], delta=0.1)

    def test_layout_region_and_what_is_dead(self):
        self.write("bell.qasm", BELL)
        self.assertEqual(self.place("bell.qasm", "--layout", "3,2", "--json").json["layout"], [3, 2])
        self.assertEqual(self.place("bell.qasm", "--region", "4,3", "--json").json["qubits"], [3, 4])
        far = self.place("bell.qasm", "--layout", "0,4", "--json").json
        self.assertGreater(far["exchanges"], 0)
        small = self.neutral(3, [(0, 1), (1, 2)], dead=[(0, 1)])
        self.assertEqual(self.place("bell.qasm", "--json", device=small).json["qubits"], [1, 2])
        self.assertEqual(self.place("bell.qasm", "--layout", "0,1", "--allow-dead-edges", "--json", device=small).json["qubits"], [0, 1])
        self.refused(2, "edge 0-1 of device small is dead", "device", "place", "bell.qasm", "--layout", "0,1", *small)
        self.refused(5, "do not fit on it: 2 of 3 qubits and 0 of 2 edges may be used in the region", "device", "place", "bell.qasm",
                     "--region", "0,1", *small)

    def test_routes(self):
        self.write("ring.qasm", RING)
        found = self.place("ring.qasm", "--json").json
        self.assertGreater(found["exchanges"], 0)
        self.assertFalse(found["complete"])
        self.assertEqual(found, self.place("ring.qasm", "--json", "--threads", "1").json)

    def test_refusals(self):
        self.write("bell.qasm", BELL)
        place = ["device", "place", "bell.qasm"]
        self.refused(2, "--device FILE is missing", *place)
        self.refused(2, "9 is no qubit of device", *place, *MANILA, "--layout", "0,9")
        self.refused(2, "qubit 1 is there twice", *place, *MANILA, "--region", "1,1")
        self.refused(5, "3 qubits for a circuit of 2", *place, *MANILA, "--layout", "0,1,2")
        self.refused(2, "qubit 4 .* not in the region", *place, *MANILA, "--layout", "3,4", "--region", "0,1,2,3")
        self.refused(2, "belongs to --out", *place, *MANILA, "--to", "qasm3")
        self.refused(2, "standard output has the report", *place, *MANILA, "--out", "-")
        self.refused(2, "does not end in .svg", *place, *MANILA, "--svg", "map.png")
        self.refused(4, "OpenQASM 2|parameter|input", "device", "place", self.write("free.qasm", FREE), *MANILA, "--out", "o.qasm")
        self.refused(2, "--model", "device", "place", self.write("r.yaml", "data: {name: digits}\n"), *MANILA)
        self.assert_no_leftovers("bell.qasm", "free.qasm", "r.yaml")


if __name__ == "__main__":
    program.main()
