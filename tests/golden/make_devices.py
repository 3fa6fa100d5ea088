"""The noise of every gate of two devices, from Qiskit Aer: python make_devices.py > devices.json

For the calibrations in devices/ (see devices/README.md): what qiskit_aer's basic_device_gate_errors() gives for the
properties, as superoperators (columns stacked, first listed qubit least significant); of each the elements above 1e-15
as [row, column, value]. They are real. manila also at 50 mK, where the frequencies of the qubits count.
"""

import copy
import json
import pathlib
import platform
import sys

import qiskit
import qiskit_aer
from qiskit.quantum_info import SuperOp
from qiskit_aer.noise.device.models import basic_device_gate_errors
from qiskit_ibm_runtime import __version__ as runtime_version
from qiskit_ibm_runtime.models import BackendProperties
from qiskit_ibm_runtime.utils.backend_decoder import properties_from_server_data

FOLDER = pathlib.Path(__file__).parent / "devices"


def channels(name, temperature):
    raw = copy.deepcopy(json.loads((FOLDER / f"props_{name}.json").read_text(encoding="utf-8")))
    properties_from_server_data(raw)
    found = []
    for gate, qubits, error in basic_device_gate_errors(BackendProperties.from_dict(raw), temperature=temperature):
        matrix = SuperOp(error).data
        assert abs(matrix.imag).max() < 1e-15
        elements = [[row, column, value] for row, line in enumerate(matrix.real.tolist())
                    for column, value in enumerate(line) if abs(value) > 1e-15]
        found.append({"gate": gate, "qubits": list(qubits), "elements": elements})
    return {"device": name, "temperature_mk": temperature, "channels": found}


def main():
    document = {
        "tools": {"python": platform.python_version(), "qiskit": qiskit.__version__,
                  "qiskit-aer": qiskit_aer.__version__, "qiskit-ibm-runtime": runtime_version},
        "cases": [channels("manila", 0), channels("manila", 50), channels("sherbrooke", 0)],
    }
    json.dump(document, sys.stdout, separators=(",", ":"))
    print()


main()
