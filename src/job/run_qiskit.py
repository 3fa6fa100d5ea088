"""Runs the circuits of this job with Qiskit and writes counts.json. Then:
qstill verify --job FOLDER --counts FOLDER/counts.json --order qiskit"""
import json, pathlib
from qiskit import qasm2, qasm3, transpile
from qiskit_aer import AerSimulator
here = pathlib.Path(__file__).resolve().parent
job = json.loads((here / "manifest.json").read_text())
backend = AerSimulator()  # or the device itself: QiskitRuntimeService().backend(...)
load = qasm2.loads if job["dialect"] == "qasm2" else qasm3.loads
layout = job["qubits"] if backend.num_qubits == job["device"]["n_qubits"] else None
circuits = transpile([load((here / c["file"]).read_text()) for c in job["circuits"]], backend, initial_layout=layout, optimization_level=0)
result = backend.run(circuits, shots=job["shots"]).result()
counts = {c["name"]: result.get_counts(i) for i, c in enumerate(job["circuits"])}
(here / "counts.json").write_text(json.dumps(counts))
