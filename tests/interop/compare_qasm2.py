"""Asks Qiskit's legacy mode for its verdict on every file of tests/qasm/valid2 and invalid2 and compares it with qstill's:

    python compare_qasm2.py PROGRAM [--unitaries]

accepted or refused, and in the same line; with --unitaries also the unitary of every valid file of at most six qubits
that has one, exactly up to a global phase. Differences that are meant are listed below with their reason; any other is
an error, and so is one that is listed and is none. Needs qiskit (see ../golden/requirements.txt) and numpy.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import qiskit
from qiskit import qasm2
from qiskit.quantum_info import Operator

QASM = Path(__file__).parent.parent / "qasm"
TOLERANCE = 1e-12

NOT_FINITE = "a value that is not finite"
MEANT = {
    # read here, refused by Qiskit
    "replace_with_other_shape": "a definition of the file wins, whatever its shape",
    # refused here, read by Qiskit
    "angle_overflow": NOT_FINITE, "angle_negative_overflow": NOT_FINITE, "angle_product_overflow": NOT_FINITE,
    "angle_sum_overflow": NOT_FINITE, "angle_power_zero": NOT_FINITE, "angle_power_negative": NOT_FINITE,
    "angle_power_overflow": NOT_FINITE, "angle_exp_overflow": NOT_FINITE, "angle_asin_range": NOT_FINITE,
    "angle_acos_range": NOT_FINITE,
    "qreg_zero": "a register of nothing", "creg_zero": "a register of nothing",
    "qreg_million": "the limit of 1,000,000", "creg_too_large": "the limit of 1,000,000",
    "creg_sum_too_large": "the limit of 1,000,000",
    "angle_too_deep": "the limit of 10,000 levels",
    "version_twice": "nonsense",
    "opaque_angles_missing": "Qiskit counts the parameters only between parentheses",
    "gate_calls_wrong": "Qiskit counts the parameters only between parentheses",
    "gate_replaced_recursive": "no gate in its own body, whatever else has its name",
    "if_wide_value": "a value of 2^64 or more",
}
# What stops Qiskit's process, or its machine, is not asked.
NOT_ASKED = {"qreg_too_large", "qreg_overflow", "call_range_overflow"}
# Refused by both, and Qiskit says another line: that of the statement, which the mistake ends.
OTHER_LINE = {"version_missing_semicolon", "call_no_semicolon", "qreg_no_semicolon", "include_no_semicolon",
              "opaque_no_semicolon"}


def qiskit_reads(path):
    """The circuit, or (None, line or None)."""
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return None, 1
    try:
        return qasm2.loads(text, include_path=qasm2.LEGACY_INCLUDE_PATH, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS,
                           custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL, strict=False), None
    except qasm2.QASM2ParseError as error:
        place = re.search(r"<input>:(\d+),\d+", str(error))
        return None, int(place[1]) if place else None
    except TypeError:  # a built-in gate without its parameters
        return None, None


def qstill_reads(program, path):
    done = subprocess.run([program, "circuit", "check", path, "--json", "--quiet"], capture_output=True, check=False)
    return json.loads(done.stdout)


def verdicts(program):
    problems, n_files = [], 0
    for path in sorted([*QASM.glob("valid2/*.qasm"), *QASM.glob("invalid2/*.qasm")]):
        name = path.stem
        ours = qstill_reads(program, path)
        n_files += 1
        if ours["valid"] != (path.parent.name == "valid2"):
            problems.append(f"{name}: qstill says {ours}")
        if name in NOT_ASKED:
            continue
        circuit, line = qiskit_reads(path)
        if (circuit is not None) != ours["valid"]:
            if name not in MEANT:
                problems.append(f"{name}: qstill {ours['valid']}, Qiskit {circuit is not None}")
        elif name in MEANT:
            problems.append(f"{name}: is listed as a difference and is none")
        elif circuit is None and line is not None and line != ours["line"] and name not in OTHER_LINE:
            problems.append(f"{name}: line {ours['line']} here, {line} in Qiskit")
    return n_files, problems


def has_unitary(circuit):
    return 0 < circuit.num_qubits <= 6 and not any(
        item.operation.name in ("measure", "reset", "if_else") or "opaque" in type(item.operation).__name__.lower()
        for item in circuit.data)


def body_counts(path):
    """As Qiskit reads it when bodies in the file count (see ../golden/make_qasm2.py)."""
    text = path.read_bytes().decode()
    own = set(re.findall(r"\b(?:gate|opaque)\s+(\w+)", text))
    gates = [gate for gate in qasm2.LEGACY_CUSTOM_INSTRUCTIONS if gate.name not in own]
    return qasm2.loads(text, include_path=qasm2.LEGACY_INCLUDE_PATH, custom_instructions=gates,
                       custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL, strict=False)


def unitaries(program):
    problems, n_compared = [], 0
    for path in sorted(QASM.glob("valid2/*.qasm")):
        try:
            circuit = body_counts(path)
            circuit.remove_final_measurements()
            if not has_unitary(circuit):
                continue
            theirs = Operator(circuit).data
        except (qasm2.QASM2ParseError, qiskit.exceptions.QiskitError):
            continue  # swap, used before the file defines it; an opaque gate
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "u.npy"
            done = subprocess.run([program, "circuit", "simulate", path, "--unitary", out, "--quiet"], capture_output=True,
                                  text=True, check=False)
            if done.returncode != 0:
                problems.append(f"{path.stem}: {done.stderr.strip()}")
                continue
            ours = np.load(out)
        overlap = np.vdot(ours, theirs) / len(ours)
        error = np.abs(ours * np.exp(1j * np.angle(overlap)) - theirs).max()
        n_compared += 1
        if not error < TOLERANCE:
            problems.append(f"{path.stem}: unitaries differ by {error}")
    return n_compared, problems


def main():
    program = str(Path(sys.argv[1]).resolve())
    n_files, problems = verdicts(program)
    print(f"qiskit {qiskit.__version__}: {n_files} files, {len(MEANT)} differences meant")
    if "--unitaries" in sys.argv[2:]:
        n_compared, more = unitaries(program)
        problems += more
        print(f"{n_compared} unitaries compared")
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
