"""Runs inside an environment that has the tools: worker.py read FOLDER | write FOLDER SEED NUMBER. Prints one JSON line a result.

read: every export in FOLDER by every tool that takes its dialect, against NAME.npy. write: NUMBER circuits of each tool that
writes, as FOLDER/TOOL-i.qasm and .npy."""
import json
import random
import sys
import warnings
from pathlib import Path

import numpy as np

import circuits
import tools


def difference(wanted, got):
    """(largest difference after the global phase, that phase)."""
    if wanted.shape != got.shape:
        return float("inf"), 0.0
    overlap = np.vdot(wanted, got) / len(wanted)
    phase = np.angle(overlap)
    return float(max(abs(abs(overlap) - 1), np.abs(got * np.exp(-1j * phase) - wanted).max())), float(phase)


def report(**result):
    print(json.dumps(result), flush=True)


def numbers():
    """Values of the free parameters by the names that they have in an export."""
    return {"theta_0": circuits.PARAMETERS["θ[0]"], "w": circuits.PARAMETERS["w"]}


def read(folder):
    for path in sorted(folder.glob("*.qasm")):
        name, dialect = path.name.split(".")[:2]
        wanted = np.load(folder / f"{name}.npy")
        n_qubits = len(wanted).bit_length() - 1
        text = path.read_text(encoding="utf-8")
        for tool, function in tools.READERS.get(dialect, {}).items():
            values = {key: value for key, value in numbers().items() if f" {key};" in text} if dialect.endswith("-free") else {}
            try:
                got, phase = difference(wanted, tools.padded(np.asarray(function(text, n_qubits, values)), n_qubits))
                report(tool=tool, dialect=dialect, name=name, difference=got, phase=phase)
            except Exception as error:  # whatever a tool raises is its refusal
                report(tool=tool, dialect=dialect, name=name, error=f"{type(error).__name__}: {error}"[:400])


def write(folder, seed, number):
    for tool, (function, tolerance) in tools.WRITERS.items():
        rng = random.Random(seed)
        for i in range(number):
            name = f"{tool.replace(' ', '_').replace('.', '')}-{i:03}"
            try:
                text, unitary = function(rng)
            except Exception as error:  # whatever a tool raises is its own
                report(tool=tool, name=name, error=f"{type(error).__name__}: {error}"[:400])
                continue
            (folder / f"{name}.qasm").write_text(text, encoding="utf-8")
            np.save(folder / f"{name}.wanted.npy", np.ascontiguousarray(unitary, dtype=complex))
            report(tool=tool, name=name, tolerance=tolerance)


def compare(folder):
    """NAME.wanted.npy, what a tool meant, against NAME.npy, what qstill read."""
    for path in sorted(folder.glob("*.wanted.npy")):
        name = path.name.split(".")[0]
        found = folder / f"{name}.npy"
        if found.exists():
            report(name=name, difference=difference(np.load(path), np.load(found))[0])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    what, where = sys.argv[1], Path(sys.argv[2])
    if what == "versions":
        report(**tools.versions())
    elif what == "read":
        read(where)
    elif what == "write":
        write(where, int(sys.argv[3]), int(sys.argv[4]))
    else:
        compare(where)
