"""`qstill circuit check`: its verdict as text, as JSON and as exit code."""
import program
from program import ProgramTest

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[1];\n'
KEYS = {"valid", "status", "line", "column", "message", "version", "qubits", "bits"}


class Check(ProgramTest):
    def check(self, text, *arguments, code=0):
        self.write("a.qasm", text)
        found = self.qstill("circuit", "check", "a.qasm", "--json", *arguments, code=code).json
        self.assertEqual(set(found), KEYS)
        self.assertEqual(found["valid"], code == 0)
        return found

    def test_valid(self):
        self.assertEqual(self.check(HEAD + "h q;\n"), {
            "valid": True, "status": "valid", "line": None, "column": None, "message": None, "version": 2, "qubits": 3, "bits": 1})
        result = self.qstill("circuit", "check", "a.qasm")
        self.assertEqual(result.out, "a.qasm: valid OpenQASM 2, 3 qubits, 1 bit\n")
        self.assertEqual(result.err, "")
        self.assertEqual(self.check("OPENQASM 3.0;\nqubit q;\n")["version"], 3)

    def test_invalid(self):
        found = self.check(HEAD + "  cxx q[0],q[1];\n", code=3)
        self.assertEqual((found["status"], found["line"], found["column"]), ("invalid", 5, 3))
        self.assertIn("'cxx' is not a known gate", found["message"])
        self.assertIsNone(found["qubits"])
        self.refused(3, r"^qstill: a\.qasm:5:3: 'cxx' is not a known gate", "circuit", "check", "a.qasm")

    def test_unsupported_and_limit(self):
        found = self.check("OPENQASM 3.0;\nqubit q;\nfor int i in [0:2] { x q; }\n", code=4)
        self.assertEqual((found["status"], found["line"], found["version"]), ("unsupported", 3, 3))
        self.assertEqual(self.check("OPENQASM 4.0;\n", code=4)["column"], 10)
        found = self.check(HEAD + "rx(" + "(" * 20000 + "1" + ")" * 20000 + ") q[0];", code=8)
        self.assertEqual((found["status"], found["line"], found["column"]), ("limit", 5, 10003))

    def test_includes_come_from_the_folders_given(self):
        text = HEAD + 'include "lib.inc";\ng q[0];\n'
        self.write("lib.inc", "gate g a {}")
        self.assertIn("no include folder is given", self.check(text, code=3)["message"])
        self.write("libraries/lib.inc", "gate g a { h a; }")
        self.check(text, "--include-dir", "nowhere", "--include-dir", "libraries")
        self.write("libraries/lib.inc", "\nsecret x;")
        found = self.check(text, "--include-dir", "libraries", code=3)
        self.assertEqual((found["line"], found["column"]), (5, 9))
        self.assertTrue(found["message"].startswith("libraries/lib.inc:2:1: "), found["message"])
        self.assertNotIn("secret", found["message"])

    def test_standard_input_and_warnings(self):
        result = self.qstill("circuit", "check", "-", stdin=b"qreg q[2];")
        self.assertEqual(result.out, "-: valid OpenQASM 2, 2 qubits, 0 bits\n")
        self.assertIn("no version statement", result.err)

    def test_no_file_no_verdict(self):
        self.refused(7, "nothing.qasm: cannot be opened", "circuit", "check", "nothing.qasm", "--json")
        self.refused(7, "is a folder", "circuit", "check", ".", "--json")
        self.refused(2, "FILE is missing", "circuit", "check")


if __name__ == "__main__":
    program.main()
