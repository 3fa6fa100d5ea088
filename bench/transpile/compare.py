#!/usr/bin/env python3
"""Two-qubit gates of `qstill circuit transpile` beside Qiskit's transpiler at optimization_level=3, both in this run.

    compare.py --qstill build/release/qstill [--seeds 5] [--record]

Needs the Qiskit of requirements.txt. Every circuit of circuits.py goes to a line, a grid (2x3 up to 6 qubits, else 3x4)
and a heavy-hex lattice of distance 3, in the basis rz, sx, x, cx. Both read the same OpenQASM text, both get the same
coupling map; Qiskit has the seeds 0, 1, ... and its median counts; qstill has the seed 0 alone. Each result of qstill is
simulated in Qiskit and compared with the circuit, layouts included. --record writes RESULTS.md and results.json."""
import argparse
import json
import math
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from circuits import circuits

BASIS = ["rz", "sx", "x", "cx"]
HERE = Path(__file__).resolve().parent


def maps(n):
    from qiskit.transpiler import CouplingMap
    rows, columns = (2, 3) if n <= 6 else (3, 4)
    return [("line", "line", CouplingMap.from_line(n)),
            ("grid", f"grid:{rows}x{columns}", CouplingMap.from_grid(rows, columns)),
            ("heavy-hex", "heavy-hex:3", CouplingMap.from_heavy_hex(3))]


def read(text):
    from qiskit.qasm2 import LEGACY_CUSTOM_INSTRUCTIONS, loads
    return loads(text, custom_instructions=LEGACY_CUSTOM_INSTRUCTIONS)


def of_qiskit(circuit, coupling, seed):
    from qiskit import transpile
    start = time.perf_counter()
    out = transpile(circuit, coupling_map=coupling, basis_gates=BASIS, optimization_level=3, seed_transpiler=seed)
    return {"cx": out.count_ops().get("cx", 0), "depth": out.depth(), "gates": sum(out.count_ops().values()),
            "seconds": time.perf_counter() - start}


def of_qstill(program, text, coupling, folder):
    source, target = folder / "in.qasm", folder / "out.qasm"
    source.write_text(text)
    start = time.perf_counter()
    done = subprocess.run([program, "circuit", "transpile", source, "--coupling", coupling, "--basis", ",".join(BASIS),
                           "--json", "--force", "-o", target], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    made = json.loads(done.stdout)
    return made, {"cx": made["after"]["two_qubit_gates"], "depth": made["after"]["depth"],
                  "gates": made["after"]["total_gates"], "seconds": seconds}, target.read_text()


def infidelity(circuit, made, text):
    """1 - |<expected|found>| for a random product state on the circuit's qubits, the idle ones in 0."""
    import numpy as np
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import Statevector
    draw = np.random.default_rng(7)
    n, device = circuit.num_qubits, made["device_qubits"]
    angles = draw.uniform(-3, 3, (n, 2))
    out = read(text)
    used = sorted({out.find_bit(q).index for item in out.data for q in item.qubits}
                  | set(made["initial_layout"]) | set(made["final_layout"]))
    at = {q: i for i, q in enumerate(used)}
    before, after = QuantumCircuit(len(used)), QuantumCircuit(len(used))
    for k in range(n):
        for c, q in ((before, k), (after, at[made["initial_layout"][k]])):
            c.ry(angles[k][0], q)
            c.rz(angles[k][1], q)
    before.compose(circuit, range(n), inplace=True)
    for item in out.data:
        after.append(item.operation, [at[out.find_bit(q).index] for q in item.qubits])
    found = Statevector(after).data.reshape([2] * len(used))
    expected = Statevector(before).data.reshape([2] * len(used))
    # axis of qubit q is len - 1 - q; qubit k of the circuit is at final_layout[k]
    free = iter([at[q] for q in used if q not in made["final_layout"]])
    place = [at[q] for q in made["final_layout"]] + list(free)
    last = len(used) - 1
    found = found.transpose([last - place[last - axis] for axis in range(len(used))])
    assert device >= n
    return abs(1 - abs(np.vdot(expected, found)))


def measure(program, n_seeds):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, family, n, text in circuits():
            circuit = read(text)
            for label, coupling, theirs in maps(n):
                qiskit = [of_qiskit(circuit, theirs, seed) for seed in range(n_seeds)]
                made, ours, out = of_qstill(program, text, coupling, Path(folder))
                rows.append({"circuit": name, "family": family, "qubits": n, "map": label, "qstill": ours,
                             "qiskit": qiskit, "infidelity": infidelity(circuit, made, out)})
                median = statistics.median(q["cx"] for q in qiskit)
                print(f"{name:26} {label:10} {ours['cx']:5} {median:6.0f}  {ours['cx'] / median:.3f}", flush=True)
    return rows


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def ratio(row, key="cx"):
    return row["qstill"][key] / statistics.median(q[key] for q in row["qiskit"])


def table(rows, versions):
    worst = max(rows, key=ratio)
    lines = ["# Two-qubit gates beside Qiskit's transpiler", "",
             "Made by `compare.py --record`; the circuits are in `circuits.py`. CX gates in the basis rz, sx, x, cx; Qiskit "
             f"{versions}, optimization_level=3, the median of {len(rows[0]['qiskit'])} seeds (least to most in brackets); "
             "qstill with one seed, `--optimize 3`. Same OpenQASM text, same coupling map, same run.", "",
             "| geometric mean of qstill / Qiskit | CX | depth | all gates |", "| --- | --- | --- | --- |"]
    groups = [("all", rows)] + [(m, [r for r in rows if r["map"] == m]) for m in ("line", "grid", "heavy-hex")]
    groups += [(f, [r for r in rows if r["family"] == f]) for f in ("qft", "grover", "qnn", "random")]
    for name, chosen in groups:
        cells = " | ".join(f"{geometric_mean(ratio(r, key) for r in chosen):.3f}" for key in ("cx", "depth", "gates"))
        lines.append(f"| {name} ({len(chosen)}) | {cells} |")
    slowest = max(r["qstill"]["seconds"] for r in rows)
    lines += ["", f"Worst: {worst['circuit']} on {worst['map']}, {ratio(worst):.3f}; {sum(ratio(r) > 1 for r in rows)} of "
              f"{len(rows)} above 1, {sum(ratio(r) < 1 for r in rows)} below. Largest infidelity of a result of qstill, simulated "
              f"in Qiskit: {max(r['infidelity'] for r in rows):.1e}. Slowest call of qstill, process and files included: "
              f"{slowest:.2f} s; the sum of all {sum(r['qstill']['seconds'] for r in rows):.1f} s, of Qiskit's medians "
              f"{sum(statistics.median(q['seconds'] for q in r['qiskit']) for r in rows):.1f} s.", "",
              "| circuit | qubits | line | | grid | | heavy-hex | |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for name in dict.fromkeys(r["circuit"] for r in rows):
        cells = []
        for row in (r for r in rows if r["circuit"] == name):
            counts = sorted(q["cx"] for q in row["qiskit"])
            cells.append(f"{row['qstill']['cx']} / {statistics.median(counts):.0f} ({counts[0]}-{counts[-1]})")
            cells.append(f"{ratio(row):.3f}")
        lines.append(f"| {name} | {row['qubits']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--qstill", default="build/release/qstill")
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--record", action="store_true")
    given = options.parse_args()
    import qiskit
    rows = measure(given.qstill, given.seeds)
    text = table(rows, qiskit.__version__)
    print(text, flush=True)
    if given.record:
        (HERE / "RESULTS.md").write_text(text)
        (HERE / "results.json").write_text(json.dumps({"qiskit": qiskit.__version__, "rows": rows}, indent=1) + "\n")
    return 0 if geometric_mean(map(ratio, rows)) <= 1 and max(r["infidelity"] for r in rows) < 1e-10 else 1


if __name__ == "__main__":
    raise SystemExit(main())
