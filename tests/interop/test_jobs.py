#!/usr/bin/env python3
"""Jobs that qstill writes, run by the scripts that lie beside them: Qiskit Aer, Cirq, PennyLane and Braket on their simulators
without noise. The counts must be those of the student: outputs as far from its exact ones as shots make them, and the order of bits proven. Is skipped
(exit code 77) where `scripts/setup --interop` has not installed the tools."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from test_interop import folder_of_environments

ROOT = Path(__file__).resolve().parents[2]
DEVICES = ROOT / "tests/golden/devices"
RECIPE = """\
name: job
data: {source: iris, preprocess: [standardize]}
teacher: {model: mlp, hidden: [8], train: {epochs: 5}}
student: {qubits: 3, layers: 2, outputs: [z, "ZZI", "XIX"], train: {epochs: 5}}
"""
SAMPLES, SHOTS = 8, 4000
# The script, its environment, the options of deploy and of verify.
RUNS = (
    ("run_qiskit.py", "tools", (), ("--order", "qiskit")),
    ("run_qiskit.py", "tools", ("--to", "qasm3"), ("--order", "qiskit")),
    ("run_cirq.py", "tools", (), ("--order", "cirq")),
    ("run_braket.py", "tools", ("--to", "qasm3", "--flavour", "standalone"), ()),
    ("run_pennylane.py", "pennylane", (), ("--order", "braket")),
)


def qstill(folder, *words):
    done = subprocess.run([os.environ["QSTILL_PROGRAM"], *map(str, words)], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"qstill {' '.join(map(str, words[:2]))}: {done.stderr.strip()}")
    return done.stdout


def check(folder, number, run):
    script, environment, deploy, verify = run
    job = folder / f"job{number}"
    qstill(folder, "deploy", "run/default/seed-1/student", "--device", DEVICES / "props_manila.json", "--device", DEVICES / "conf_manila.json",
           "--max-age", "0", "--shots", SHOTS, "--samples", f"test:{SAMPLES}", *deploy, "-o", job)
    python = folder_of_environments() / environment / "bin/python"
    done = subprocess.run([python, "-B", job / script], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"{script}: {done.stderr.strip().splitlines()[-1]}"
    report = json.loads(qstill(folder, "verify", "--counts", job / "counts.json", *verify, "--json"))
    found, expected = report["measured"]["output_rmse"], report["output_rmse_of_shots"]
    print(f"| {script} | {' '.join(deploy) or '--to qasm2'} | {report['selftest']:.3f} | {found:.4f} | {expected:.4f} |")
    if report["selftest"] != 1 or not 0.5 * expected < found < 1.6 * expected:
        return f"{script}: outputs are {found:.4f} away, {expected:.4f} is what shots make; self-test {report['selftest']:.3f}"
    return None


def main():
    runs = [run for run in RUNS if (folder_of_environments() / run[1] / "bin/python").exists()]
    if not runs:
        print(f"skipped: no environment in {folder_of_environments()}; scripts/setup --interop installs them")
        return 77
    print("| script | circuits | self-test | distance of outputs | of shots |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "recipe.yaml").write_text(RECIPE)
        qstill(folder, "run", "recipe.yaml", "--set", "seeds=1", "-o", "run", "-q")
        failures = [failure for number, run in enumerate(runs) if (failure := check(folder, number, run))]
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
