#!/usr/bin/env python3
"""What qstill writes, read by Qiskit, Cirq, pytket, PennyLane and Braket, and what they write, read by qstill: the same unitary. Is
skipped (exit code 77) where `scripts/setup --interop` has not installed them. QSTILL_PROGRAM names the program,
QSTILL_INTEROP_NUMBER how many random circuits there are (default 200). Prints a table; README.md has one."""
import collections
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import circuits

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = ("tools", "pennylane")
SEED = 6
N_WRITTEN = 25  # circuits by each tool that writes
TOLERANCE = 1e-12

# What a tool is known to refuse of a dialect: its message. Everything else that is refused is a failure.
REFUSALS = {
    ("qasm3", "Cirq"): ("cu takes 3 parameter", "Syntax error: ';'"),  # the four-parameter cu, and gphase without a qubit
    ("qasm3-free", "Qiskit qasm3"): ("'FunctionCall' cannot be resolved",),  # sin of a parameter in a body
    ("standalone-free", "Qiskit qasm3"): ("'FunctionCall' cannot be resolved",),
    ("standalone-free", "Braket"): ("'Identifier' object has no attribute 'value'",),
    ("read by qstill", "Cirq to_qasm 3.0"): ("'sxdg' is not a known gate",),  # it writes this without a definition
    ("read by qstill", "PennyLane to_openqasm"): ("'gphase' is not a known gate",),  # it writes this in OpenQASM 2
}


def folder_of_environments():
    return Path(os.environ.get("QSTILL_INTEROP", circuits.ROOT / "build/interop"))


def work(environment, *arguments):
    python = folder_of_environments() / environment / "bin/python"
    done = subprocess.run([python, "-B", HERE / "worker.py", *map(str, arguments)], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


class Table:
    """Rows of (what, tool): how many, how many refused as known, the largest difference; and failures."""

    def __init__(self):
        self.rows = collections.defaultdict(lambda: [0, 0, 0.0])
        self.failures = []

    def add(self, what, result, tolerance=TOLERANCE):
        row = self.rows[what, result["tool"]]
        row[0] += 1
        if "error" in result:
            row[1] += 1
            if not any(known in result["error"] for known in REFUSALS.get((what, result["tool"]), ())):
                self.failures.append(f"{what} {result['tool']} {result['name']}: {result['error']}")
        else:
            row[2] = max(row[2], result["difference"])
            if not result["difference"] <= tolerance:
                self.failures.append(f"{what} {result['tool']} {result['name']}: differs by {result['difference']:.3g}")

    def __str__(self):
        lines = ["| what | tool | circuits | refused | largest difference |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {what} | {tool} | {n} | {refused or ''} | {most:.1e} |" for (what, tool), (n, refused, most) in sorted(self.rows.items())]
        return "\n".join(lines)


def read_exports(program, table, folder, environments):
    circuits.make(program, folder, int(os.environ.get("QSTILL_INTEROP_NUMBER", "200")), SEED)
    for environment in environments:
        for result in work(environment, "read", folder):
            if result["dialect"] != "qasm2" and result["tool"] != "Cirq":  # global phases count in OpenQASM 3; Cirq leaves them out
                result["difference"] = max(result.get("difference", 0), abs(result.get("phase", 0)))
            table.add(result["dialect"], result)


def read_imports(program, table, folder, environments):
    for environment in environments:
        written = work(environment, "write", folder, SEED, N_WRITTEN)
        for result in written:
            if "error" in result:
                continue
            name = result["name"]
            try:
                program.run("circuit", "simulate", folder / f"{name}.qasm", "--unitary", folder / f"{name}.npy")
            except RuntimeError as error:
                result["error"] = str(error)
        found = {result["name"]: result["difference"] for result in work(environment, "compare", folder)}
        for result in written:
            table.add("read by qstill", {**result, "difference": found.get(result["name"], float("inf"))}, result.get("tolerance"))
        for path in folder.iterdir():
            path.unlink()


def main():
    environments = [name for name in ENVIRONMENTS if (folder_of_environments() / name / "bin/python").exists()]
    if not environments:
        print(f"skipped: no environment in {folder_of_environments()}; scripts/setup --interop installs them")
        return 77
    program, table = circuits.Program(os.environ["QSTILL_PROGRAM"]), Table()
    for check in (read_exports, read_imports):
        with tempfile.TemporaryDirectory() as folder:
            check(program, table, Path(folder), environments)
    for environment in environments:
        found = work(environment, "versions", ".")[0]
        print(f"{environment}: " + ", ".join(f"{package} {version}" for package, version in found.items()))
    print(table)
    for line in table.failures[:50]:
        print(line)
    print(f"{len(table.failures)} failures; not asked: {', '.join(set(ENVIRONMENTS) - set(environments)) or 'nobody'}")
    return 1 if table.failures else 0


if __name__ == "__main__":
    sys.exit(main())
