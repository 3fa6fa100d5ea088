"""`qstill device show`, `convert` and `channels`: kinds of files, what they print and write, what they refuse."""
import cmath
import json
import math
import struct
import xml.etree.ElementTree as xml
import zipfile

import program
from program import ProgramTest

DEVICES = program.SOURCE / "tests" / "golden" / "devices"
MANILA = [DEVICES / "props_manila.json", DEVICES / "conf_manila.json"]
SHERBROOKE = [DEVICES / "props_sherbrooke.json", DEVICES / "conf_sherbrooke.json"]
NEUTRAL = {"format": "qstill-device/1", "name": "two", "n_qubits": 2,
           "qubits": [{"t1_ns": 1e5, "t2_ns": 9e4, "frequency_hz": 5e9, "m1p0": 0.01, "m0p1": 0.02}, {"t1_ns": 5e4}],
           "gates": [{"name": "x", "qubits": [0], "error": 0, "time_ns": 1000}, {"name": "reset", "qubits": [0]},
                     {"name": "cx", "qubits": [1, 0], "error": 0.01}, {"name": "measure_2", "qubits": [1], "error": 0.1}]}


def read_npz(path):
    """{name: (rows, list of complex)} of an archive of complex matrices, stored."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED and entry.filename.endswith(".npy")
            data = archive.read(entry)
            length = struct.unpack("<H", data[8:10])[0]
            header = data[10:10 + length].decode()
            assert data[:8] == b"\x93NUMPY\x01\x00" and "'<c16'" in header and "'fortran_order': False" in header
            values = struct.unpack(f"<{(len(data) - 10 - length) // 8}d", data[10 + length:])
            numbers = [complex(re, im) for re, im in zip(values[::2], values[1::2])]
            rows = math.isqrt(len(numbers))
            assert f"'shape': ({rows}, {rows})" in header, header
            found[entry.filename[:-4]] = (rows, numbers)
    return found


class Device(ProgramTest):
    def device(self, command, *arguments, **options):
        return self.qstill("device", command, *arguments, **options)

    def test_show_a_page(self):
        result = self.device("show", *MANILA, "--max-age", "0")
        self.assertIn("0---1---2---3---4\n", result.out)
        self.assertRegex(result.out, r"(?m)^ibmq_manila .*calibrated 2024-05-27")
        self.assertRegex(result.out, r"(?m)^cx +8 +0 +0\.0101 +0\.0057 +0\.0139 ")
        self.assertRegex(result.out, r"(?m)^ +0  0 +131\.5 +102\.2 +0\.0158 +0\.0548$")
        self.assertRegex(result.out, r"(?m)^3 -- 4 +cx +0\.0057 +298\.67$")
        self.assertEqual(result.err, "")
        self.assertRegex(self.device("show", *MANILA).err, r"calibrated on 2024-05-27, \d+ days ago")

    def test_show_json(self):
        result = self.device("show", *reversed(SHERBROOKE), "--json", "--max-age", "0")
        self.assertRegex(result.err, "an error of 1, which means not calibrated, have ecr 8-9, .* and 5 more")
        found = result.json
        self.assertEqual((found["n_qubits"], found["n_edges"], found["n_gates"]), (127, 144, 779))
        self.assertEqual((found["name"], found["kind"]), ("ibm_sherbrooke", "ibm-props"))
        self.assertEqual(found["sha256"][:16], "544c882d5df1fa23")
        self.assertEqual(found["basis_gates"], ["ecr", "id", "rz", "sx", "x"])
        self.assertEqual(sum(edge["dead"] for edge in found["edges"]), 9)
        self.assertTrue(all(len(edge["directions"]) == 1 for edge in found["edges"]))
        self.assertEqual([gate["entries"] for gate in found["gates"] if gate["name"] == "ecr"], [144])

    def test_conf_option_and_folder_say_the_same(self):
        page = self.device("show", *MANILA).out
        self.assertEqual(page, self.device("show", MANILA[0], "--conf", MANILA[1]).out)
        (self.folder / "manila").mkdir()
        for path, name in zip(MANILA, ("b.json", "a.json")):
            self.write(f"manila/{name}", path.read_bytes())
        self.write("manila/notes.txt", "no")
        self.write("manila/other.json", "{}")
        self.assertEqual(page, self.device("show", "manila").out)
        self.refused(3, "files of two devices", "device", "show", DEVICES)
        self.refused(3, "no \\.json file with a calibration", "device", "show", ".")

    def test_svg(self):
        self.device("show", *SHERBROOKE, "--svg", "map.svg", "-q")
        root = xml.fromstring((self.folder / "map.svg").read_text())
        tags = [element.tag.rsplit("}")[-1] for element in root.iter()]
        self.assertEqual((tags.count("circle"), tags.count("line"), tags.count("text")), (127, 144, 127))
        self.refused(7, "exists already", "device", "show", *MANILA, "--svg", "map.svg")
        self.refused(2, "does not end in .svg", "device", "show", *MANILA, "--svg", "map.png")
        self.refused(2, "is also an input", "device", "show", self.write("a.svg", "{}"), "--svg", "a.svg", "--force")

    def test_convert_gives_the_same_channels(self):
        for files in (MANILA, SHERBROOKE):
            self.device("convert", *files, "-o", "neutral.json", "--force")
            self.device("channels", *files, "--out", "a.npz", "--temperature-mk", "30", "--force")
            self.device("channels", "neutral.json", "--out", "b.npz", "--temperature-mk", "30", "--force")
            self.assertEqual((self.folder / "a.npz").read_bytes(), (self.folder / "b.npz").read_bytes())
            text = self.device("convert", "neutral.json", "-o", "-").out
            self.assertEqual(text, (self.folder / "neutral.json").read_text())
            self.assertEqual(json.loads(text)["source"]["kind"], "ibm-props")

    def test_channels(self):
        self.write("d.json", json.dumps(NEUTRAL))
        self.device("channels", "d.json", "--out", "c.npz")
        found = read_npz(self.folder / "c.npz")
        self.assertEqual(sorted(found), ["cx_1_0", "x_0"])
        rows, x = found["x_0"]
        self.assertEqual(rows, 4)
        a, c = 1 - math.exp(-1000 / 1e5), math.exp(-1000 / 9e4)
        expected = [1, 0, 0, a, 0, c, 0, 0, 0, 0, c, 0, 0, 0, 0, 1 - a]
        self.assertLess(max(abs(u - v) for u, v in zip(x, expected)), 1e-15)
        rows, cx = found["cx_1_0"]  # no time: depolarizing with p = 4/3 e
        self.assertEqual(rows, 16)
        self.assertTrue(cmath.isclose(cx[0], 1 - 0.01 * 4 / 3 * 3 / 4, abs_tol=1e-15))
        self.assertTrue(cmath.isclose(cx[5], 0.01 * 4 / 3 / 4, abs_tol=1e-15))
        self.device("channels", "d.json", "--out", "hot.npz", "--temperature-mk", "100")
        hot = read_npz(self.folder / "hot.npz")["x_0"][1]
        p1 = 1 / (1 + math.exp(47.99243e-9 * 5e9 / 100))
        self.assertLess(abs(hot[12] - p1 * a), 1e-15)

    def test_manila_is_that_of_aer(self):
        golden = json.loads((DEVICES.parent / "devices.json").read_text())["cases"][0]
        self.device("channels", *MANILA, "--out", "c.npz")
        found, worst = read_npz(self.folder / "c.npz"), 0
        for channel in golden["channels"]:
            if channel["gate"] == "reset":
                continue
            rows, values = found.pop("_".join([channel["gate"], *map(str, channel["qubits"])]))
            for row, column, value in channel["elements"]:
                values[row * rows + column] -= value
            worst = max(worst, *map(abs, values))
        self.assertLess(worst, 1e-8)
        self.assertEqual({name.split("_")[0] for name in found}, {"rz"})

    def test_times_that_the_file_lacks(self):
        self.write("b.json", json.dumps({"oneQubitProperties": {"4": {
            "T1": {"value": 50, "unit": "us"}, "T2": {"value": 50, "unit": "us"},
            "oneQubitFidelity": [{"fidelityType": {"name": "RANDOMIZED_BENCHMARKING"}, "fidelity": 0.99}]}},
            "twoQubitProperties": {}}))
        self.assertRegex(self.device("channels", "b.json", "--out", "c.npz").err, "has no times of gates")
        plain = read_npz(self.folder / "c.npz")["u_0"][1]
        done = self.device("channels", "b.json", "--out", "c.npz", "--force", "--time-1q-ns", "500", "--time-2q-ns", "1")
        self.assertNotIn("has no times", done.err)
        timed = read_npz(self.folder / "c.npz")["u_0"][1]
        self.assertGreater(timed[3].real, plain[3].real)  # relaxation goes one way
        self.refused(2, "--time-1q-ns: 0 is not > 0", "device", "show", "b.json", "--time-1q-ns", "0")

    def test_refusals(self):
        self.write("bad.json", '{"qubits": [[{"name": "T1", "unit": "us",}]], "gates": []}')
        self.refused(3, r"bad\.json:1:\d+: ", "device", "show", "bad.json")
        self.write("bad.json", '{"qubits": [[{"name": "T1", "unit": "weeks", "value": 1}]], "gates": []}')
        self.refused(3, r"bad\.json: qubits\[0\]\[0\]: unit: \"weeks\" is none of", "device", "show", "bad.json")
        self.write("big.json", b" " * ((16 << 20) + 1))
        self.refused(8, "big.json", "device", "show", "big.json")
        self.write("deep.json", "[" * 100000)
        self.refused(3, "deep.json", "device", "show", "deep.json")
        self.write("garbage.json", bytes(range(256)))
        self.refused(3, "garbage.json", "device", "show", "garbage.json")
        self.write("unknown.json", '{"name": "x"}')
        self.refused(3, "no calibration is known by these keys", "device", "show", "unknown.json")
        self.refused(7, "nothing.json", "device", "show", "nothing.json")
        self.refused(3, r"properties \(props\) of the device are missing", "device", "show", MANILA[1])
        self.refused(3, "where an IBM configuration", "device", "show", MANILA[1], "--conf", MANILA[0])
        self.refused(3, "files of two devices", "device", "show", MANILA[0], SHERBROOKE[1])
        self.refused(2, "FILE... is missing", "device", "show")
        self.refused(2, "one argument too many", "device", "show", *MANILA * 5)
        self.refused(2, "does not end in .npz", "device", "channels", *MANILA, "--out", "c.npy")
        self.refused(2, "is also an input", "device", "convert", "bad.json", "-o", "bad.json", "--force")
        self.assert_no_leftovers("bad.json", "big.json", "deep.json", "garbage.json", "unknown.json")


if __name__ == "__main__":
    program.main()
