"""The table of exit codes: one way to every code that can be reached from outside."""
import re
import signal
import time

import program
from program import CloudTest

# 10 is a self-check that failed: there is no way to it from outside.
UNREACHABLE = {10}

# Weight decay multiplies every weight by 1 - 10^6 in each step.
WILD = """\
teacher: {model: logistic, train: {optimizer: sgd, learning_rate: 1000, weight_decay: 1000, epochs: 200}}
student: {model: logistic}
"""


class ExitCodes(CloudTest):
    def test_every_row(self):
        few = ["--quiet", "--set", "seeds=1", "--set", "teacher.train.epochs=1", "--set", "student.train.epochs=1"]
        self.qstill("data", "recipe.yaml", "-o", "d")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "-o", "m", "--quiet", "--set", "teacher.train.epochs=1")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "-o", "broken", "--quiet", "--set",
                    "teacher.train.epochs=1")
        self.write("broken/model.safetensors", "")
        self.write("ragged.csv", "1,2,3,4\n1,2,3\n")
        self.write("object.npy", program.npy_header("|O", (2, 4)) + b"\x80\x04K\x01." * 8)
        self.write_npy("narrow.npy", [[1.0, 2.0]])
        self.write("wild.yaml", program.RECIPE[:program.RECIPE.index("teacher:")] + WILD)
        ways = {
            0: ["info"],
            1: ["run", "recipe.yaml", *few, "--set", "verify.require={student.output_mse: {max: 0}}"],
            2: ["run", "recipe.yaml", "--set", "distill.temperature=0"],
            3: ["predict", "m", "--data", "ragged.csv"],
            4: ["predict", "m", "--data", "object.npy"],
            5: ["predict", "m", "--data", "narrow.npy"],
            6: ["predict", "broken", "--data", "raw.csv"],
            7: ["predict", "m", "--data", "missing.csv"],
            8: ["run", "recipe.yaml", *few, "--set", "teacher.qubits=40"],
            9: ["run", "wild.yaml", "--quiet"],
        }
        for code, arguments in ways.items():
            with self.subTest(code=code):
                self.qstill(*arguments, code=code)
        table = (program.SOURCE / "include/qstill/status.def").read_text()
        codes = {int(code) for code in re.findall(r"QST_STATUS\(\w+, (\d+),", table)}
        self.assertEqual(codes, set(ways) | UNREACHABLE | {130})

    def test_signals(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.start("run", "recipe.yaml", "--out", f"r{code}", "--set", "teacher.train.epochs=500000")
            process.stderr.readline()
            time.sleep(0.2)
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, code)


if __name__ == "__main__":
    program.main()
