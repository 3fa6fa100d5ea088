"""Runs the circuits of this job with Cirq and writes counts.json. Then:
qstill verify --job FOLDER --counts FOLDER/counts.json --order cirq"""
import json, pathlib
import cirq
from cirq.contrib.qasm_import import circuit_from_qasm
here = pathlib.Path(__file__).resolve().parent
job = json.loads((here / "manifest.json").read_text())
sampler, bits, counts = cirq.Simulator(), [f"c_{k}" for k in range(job["n_bits"])], {}
for c in job["circuits"]:
    result = sampler.run(circuit_from_qasm((here / c["file"]).read_text()), repetitions=job["shots"])
    counts[c["name"]] = result.multi_measurement_histogram(keys=bits, fold_func=cirq.big_endian_bits_to_int)
(here / "counts.json").write_text(json.dumps(counts))
