"""Runs the circuits of this job with PennyLane (and pennylane-qiskit) and writes counts.json. Then:
qstill verify --job FOLDER --counts FOLDER/counts.json --order braket"""
import json, pathlib
import pennylane as qml
here = pathlib.Path(__file__).resolve().parent
job = json.loads((here / "manifest.json").read_text())
counts = {}
for c in job["circuits"]:
    apply = qml.from_qasm((here / c["file"]).read_text(), measurements=[])
    node = qml.QNode(lambda: (apply(), qml.counts(wires=job["measured"]))[1], qml.device("default.qubit", wires=job["n_qubits"]))
    counts[c["name"]] = {bits: int(n) for bits, n in qml.set_shots(node, job["shots"])().items()}
(here / "counts.json").write_text(json.dumps(counts))
