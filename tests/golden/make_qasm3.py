"""Golden values for OpenQASM 3, from Qiskit's reader: python make_qasm3.py > qasm3.json

For each file of ../qasm/valid3 (or, where Qiskit does not know its words, the file of the same name in ../qasm/means3): registers,
inputs, measurements, resets, and the unitary of all gates, exact in its global phase, with qubit 0 as the least significant bit.
Input number i has the value 0.3 + 0.4 i. Nothing here is taken from qstill.
"""

import json
import pathlib
import platform
import re
import sys
import warnings

import qiskit
import qiskit.qasm3
import qiskit_qasm3_import
from qiskit.quantum_info import Operator

warnings.filterwarnings("ignore")
FOLDER = pathlib.Path(__file__).parents[1] / "qasm"


def numbers(values):
    return [0 if abs(v) < 1e-15 else float(v) for v in values]


def entry(name, text):
    circuit = qiskit.qasm3.loads(text)
    inputs = re.findall(r"^input [^;]*?([^\s;\]]+);", text, re.MULTILINE)
    named = {p.name: p for p in circuit.parameters}
    measures, resets = [], []
    unitary = circuit.copy_empty_like()
    for item in circuit.data:
        qubits = [circuit.find_bit(q).index for q in item.qubits]
        if item.operation.name == "measure":
            measures.append([qubits[0], circuit.find_bit(item.clbits[0]).index])
        elif item.operation.name == "reset":
            resets.append(qubits[0])
        elif item.operation.name != "barrier":
            unitary.append(item.operation, qubits)
    bound = unitary.assign_parameters({named[p]: 0.3 + 0.4 * i for i, p in enumerate(inputs) if p in named})
    matrix = Operator(bound).data.ravel() if 0 < circuit.num_qubits <= 5 else []
    return {"name": name, "qubits": circuit.num_qubits, "bits": circuit.num_clbits, "inputs": inputs, "measures": measures,
            "resets": resets, "re": numbers(z.real for z in matrix), "im": numbers(z.imag for z in matrix)}


entries, left_out = [], []
for path in sorted((FOLDER / "valid3").glob("*.qasm")):
    same = FOLDER / "means3" / path.name
    text = (same if same.exists() else path).read_bytes().decode()
    try:
        entries.append(entry(path.stem, text))
    except Exception as error:  # what Qiskit does not read is listed
        left_out.append(path.stem)
        print(path.stem, type(error).__name__, str(error)[:100], file=sys.stderr)
print(json.dumps({"versions": {"python": platform.python_version(), "qiskit": qiskit.__version__,
                               "qiskit_qasm3_import": qiskit_qasm3_import.__version__},
                  "not_read_by_qiskit": left_out, "files": entries}, separators=(",", ":")).replace('{"name"', '\n{"name"'))
