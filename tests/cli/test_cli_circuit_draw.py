"""`qstill circuit draw`: styles, folding, files, models, what it refuses; SVG is read by an XML parser."""
import random
import re
import time
import xml.etree.ElementTree as xml

import program
from program import CloudTest, ProgramTest, environment

BELL = """\
OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg c[2];
h q[0];
cx q[0],q[1];
measure q -> c;
"""
BELL_OF_QISKIT = "\n".join((
    "     ┌───┐     ┌─┐   ",
    "q_0: ┤ H ├──■──┤M├───",
    "     └───┘┌─┴─┐└╥┘┌─┐",
    "q_1: ─────┤ X ├─╫─┤M├",
    "          └───┘ ║ └╥┘",
    "c: 2/═══════════╩══╩═",
    "                0  1 ", ""))
BELL_OF_PENNYLANE = "0: ──H─╭●──┤↗├─┤  \n1: ────╰X──┤↗├─┤  \n"
EVERYTHING = """\
OPENQASM 2.0;
include "qelib1.inc";
gate my_Gate(t,u) a,b,c { rx(t) a; cx b,c; }
gate swap a,b { cx a,b; cx b,a; cx a,b; }
qreg q[3];
qreg anc[1];
creg c[2];
creg d[1];
my_Gate(0.1,pi/3) q[2],q[0],anc[0];
swap q[0],q[2];
barrier q;
rzz(0.3) q[0],q[1];
cu3(1,2,3) q[2],q[0];
reset q[0];
measure anc[0] -> d[0];
if(c==2) cx q[0],q[2];
"""
SVG = "{http://www.w3.org/2000/svg}"


def random_file(n_qubits, n_gates):
    rng = random.Random(7)
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{n_qubits}];"]
    for _ in range(n_gates):
        a, b = rng.sample(range(n_qubits), 2)
        lines.append(rng.choice([f"h q[{a}];", f"cx q[{a}],q[{b}];"]))
    return "\n".join(lines)


class Draw(ProgramTest):
    def draw(self, text, *options, **keywords):
        return self.qstill("circuit", "draw", "-", *options, stdin=text.encode(), **keywords).out

    def test_styles(self):
        self.assertEqual(self.draw(BELL), BELL_OF_QISKIT)
        self.assertEqual(self.draw(BELL, "--style", "qiskit"), BELL_OF_QISKIT)
        self.assertEqual(self.draw(BELL, "--style", "pennylane"), BELL_OF_PENNYLANE)
        self.assertTrue(self.draw(EVERYTHING, "--style", "ascii").isascii())
        self.assertIn("| H |--@--|M|", self.draw(BELL, "--style", "ascii"))

    def test_one_hadamard(self):
        text = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\nh q[0];\n'
        self.assertEqual(self.draw(text), "   ┌───┐\nq: ┤ H ├\n   └───┘\n")

    def test_fold(self):
        for style in ("qiskit", "ascii", "pennylane"):
            folded = self.draw(EVERYTHING, "--style", style, "--fold", "60")
            self.assertLessEqual(max(map(len, folded.splitlines())), 60)
            whole = self.draw(EVERYTHING, "--style", style, "--fold", "0")
            self.assertGreater(max(map(len, whole.splitlines())), 80)
            self.assertEqual(whole, self.draw(EVERYTHING, "--style", style, "--fold", "-1"))
            default = self.draw(EVERYTHING, "--style", style)
            self.assertEqual(default, self.draw(EVERYTHING, "--style", style, "--fold", "80"))
            narrow = self.draw(EVERYTHING, "--style", style, env=environment(COLUMNS="60"))
            self.assertEqual(narrow, folded)

    def test_definitions_look_as_in_the_language_they_come_from(self):
        second = self.draw(EVERYTHING)
        self.assertIn("My_gate(0.1,π/3)", second)
        self.assertNotIn("Swap", second)  # a definition with the name of a known gate
        third = self.draw('OPENQASM 3.0;\ngate my_Gate a, b { U(1, 2, 3) a; }\nqubit[2] q;\nmy_Gate q[0], q[1];\n')
        self.assertIn(" my_Gate ", third)

    def test_a_file(self):
        self.write("bell.qasm", BELL)
        self.assertEqual("", self.qstill("circuit", "draw", "bell.qasm", "-o", "bell.txt").out)
        self.assertEqual((self.folder / "bell.txt").read_text(encoding="utf-8"), BELL_OF_QISKIT)
        self.assertIn("--force", self.qstill("circuit", "draw", "bell.qasm", "-o", "bell.txt", code=7).err)
        self.qstill("circuit", "draw", "bell.qasm", "-o", "bell.txt", "--style", "pennylane", "--force")
        self.assertEqual((self.folder / "bell.txt").read_text(encoding="utf-8"), BELL_OF_PENNYLANE)

    def test_svg_is_xml(self):
        for options in ((), ("--fold", "60")):
            root = xml.fromstring(self.draw(EVERYTHING, "--style", "svg", *options).encode())
            self.assertEqual(root.tag, SVG + "svg")
            texts = [element.text for element in root.iter(SVG + "text")]
            for text in ("my_gate(0.1,π/3)", "q_2", "anc", "c: 2/", "M", "|0>"):
                self.assertIn(text.lower(), [t.lower() for t in texts])
            width, height = (float(root.get(name)) for name in ("width", "height"))
            for element in root.iter():
                for name, limit in (("x", width), ("x1", width), ("x2", width), ("y", height), ("y1", height),
                                    ("y2", height), ("cx", width), ("cy", height)):
                    if element.get(name):
                        self.assertTrue(0 <= float(element.get(name)) <= limit, (element.tag, element.attrib))

    def test_what_it_refuses(self):
        self.assertIn("latex", self.qstill("circuit", "draw", "-", "--style", "latex", code=2).err)
        for fold in ("x", "-2", "1.5", "99999999999"):
            self.assertIn("--fold", self.qstill("circuit", "draw", "-", "--fold", fold, code=2).err)
        self.assertIn("1:1: ", self.qstill("circuit", "draw", "-", stdin=b"h q;", code=3).err)

    def test_large_circuits_end_soon(self):
        for n_qubits, n_gates in ((1000, 100000), (3, 100000), (100000, 1000)):
            text = random_file(n_qubits, n_gates)
            for style in ("qiskit", "pennylane", "svg"):
                began = time.monotonic()
                done = self.qstill("circuit", "draw", "-", "--style", style, stdin=text.encode(),
                                   code=0 if n_qubits == 3 else 8)
                self.assertLess(time.monotonic() - began, 60)
                self.assertTrue(done.out or "draw a part of the circuit" in done.err)


class Page(ProgramTest):
    """docs/drawing.md shows what the program draws; blanks at the ends of lines are left out there."""

    def test_pictures_of_the_page(self):
        page = (program.SOURCE / "docs/drawing.md").read_text(encoding="utf-8")
        circuit = re.search(r"^```qasm\n(.*?)^```$", page, re.M | re.S)[1]
        self.write("example.qasm", circuit)
        shown = re.findall(r"^```text\n\$ qstill (circuit draw [^\n]*)\n(.*?)^```$", page, re.M | re.S)
        self.assertEqual(len(shown), 3)
        for command, picture in shown:
            with self.subTest(command=command):
                drawn = self.qstill(*command.split()).out
                self.assertEqual([line.rstrip() for line in drawn.splitlines()], picture.splitlines())
        drawn = self.qstill("circuit", "draw", "example.qasm", "--style", "svg", "--fold", "80").out
        self.assertEqual(drawn, (program.SOURCE / "docs/drawing.svg").read_text(encoding="utf-8"))


class DrawModel(CloudTest):
    def test_a_model(self):
        self.qstill("data", "recipe.yaml", "-o", "d")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "-o", "t")
        drawing = self.qstill("circuit", "draw", "t", "--fold", "0").out
        self.assertIn("q_2: ", drawing)
        self.assertIn("*x_0) ", drawing)
        self.assertIn("■", drawing)
        self.assertIn("*x_1)", self.qstill("circuit", "draw", "t", "--style", "pennylane").out)


if __name__ == "__main__":
    program.main()
