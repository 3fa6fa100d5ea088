"""Runs the circuits of this job with Amazon Braket's simulator and writes counts.json. Then:
qstill verify --job FOLDER --counts FOLDER/counts.json"""
import json, pathlib
from braket.devices import LocalSimulator
from braket.ir.openqasm import Program
here = pathlib.Path(__file__).resolve().parent
job = json.loads((here / "manifest.json").read_text())
device, counts = LocalSimulator(), {}  # or AwsDevice(...)
for c in job["circuits"]:
    result = device.run(Program(source=(here / c["file"]).read_text()), shots=job["shots"]).result()
    counts[c["name"]] = {"measurement_counts": result.measurement_counts, "measured_qubits": result.measured_qubits}
(here / "counts.json").write_text(json.dumps(counts))
