"""Whole circuits on two devices, from Qiskit Aer: python make_densities.py > densities.json

Random circuits in the gates of manila and of a region of sherbrooke (see devices/README.md), as OpenQASM 2; the density matrix
behind all gates and counts of 10^6 shots by AerSimulator's density_matrix method, with NoiseModel.from_backend_properties()
(errors of readout as calibrated). Real and imaginary parts stand in turns, row by row. A region of a device is cut out of the
properties and numbered anew for Aer; the circuits are numbered as the device, or by a layout.
"""

import copy
import json
import pathlib
import platform
import random
import sys

import qiskit
import qiskit_aer
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel
from qiskit_ibm_runtime import __version__ as runtime_version
from qiskit_ibm_runtime.models import BackendProperties
from qiskit_ibm_runtime.utils.backend_decoder import properties_from_server_data

FOLDER = pathlib.Path(__file__).parent / "devices"
SHOTS = 1000000


def cut_out(name, region):
    """The properties of some qubits of a device, which become 0, 1, ..."""
    raw = copy.deepcopy(json.loads((FOLDER / f"props_{name}.json").read_text(encoding="utf-8")))
    raw["qubits"] = [raw["qubits"][q] for q in region]
    raw["gates"] = [gate for gate in raw["gates"] if all(q in region for q in gate["qubits"])]
    for gate in raw["gates"]:
        gate["qubits"] = [region.index(q) for q in gate["qubits"]]
    raw["general"] = []
    properties_from_server_data(raw)
    return raw


def random_gates(source, pairs, pair_gate, n_qubits, n_gates):
    gates = []
    for _ in range(n_gates):
        kind = source.choice([pair_gate, pair_gate, "rz", "sx", "sx", "x", "id"])
        qubits = source.choice(pairs) if kind == pair_gate else [source.randrange(n_qubits)]
        gates.append((kind, qubits, source.uniform(-4, 4) if kind == "rz" else None))
    return gates


def circuit(gates, n_qubits, names):
    """OpenQASM with the qubits numbered by `names`, and the circuit that Aer runs."""
    built = QuantumCircuit(n_qubits, n_qubits)
    # qelib1.inc has no ecr: defined as in Qiskit's exports
    text = ["OPENQASM 2.0;", 'include "qelib1.inc";',
            "gate ecr a,b { s a; sx b; cx a,b; x a; }" if any(g[0] == "ecr" for g in gates) else "",
            f"qreg q[{max(names) + 1}];", f"creg c[{n_qubits}];"]
    for kind, qubits, angle in gates:
        getattr(built, kind)(*([] if angle is None else [angle]), *qubits)
        what = kind if angle is None else f"{kind}({angle!r})"
        text.append(f"{what} {','.join(f'q[{names[q]}]' for q in qubits)};")
    text += [f"measure q[{names[q]}] -> c[{q}];" for q in range(n_qubits)]
    return "\n".join(line for line in text if line) + "\n", built


def case(source, name, region, pair_gate, temperature, names, n_gates):
    raw = cut_out(name, region)
    pairs = [gate["qubits"] for gate in raw["gates"] if gate["gate"] == pair_gate]
    noise = NoiseModel.from_backend_properties(BackendProperties.from_dict(raw), temperature=temperature)
    gates = random_gates(source, pairs, pair_gate, len(region), n_gates)
    text, built = circuit(gates, len(region), names)
    simulator = AerSimulator(method="density_matrix", noise_model=noise, fusion_enable=False, seed_simulator=7)
    saved = built.copy()
    saved.save_density_matrix()
    matrix = simulator.run(saved).result().data()["density_matrix"].data
    measured = built.copy()
    measured.measure(range(len(region)), range(len(region)))
    counts = simulator.run(measured, shots=SHOTS).result().get_counts()
    return {"device": name, "temperature_mk": temperature, "qubits": list(region), "qasm": text,
            "layout": None if list(names) == list(region) else list(region),
            "density": [part for row in matrix.tolist() for value in row for part in (value.real, value.imag)],
            "counts": dict(sorted(counts.items()))}


def main():
    source = random.Random(20260121)
    region = [60, 61, 62, 63, 64]
    document = {
        "tools": {"python": platform.python_version(), "qiskit": qiskit.__version__,
                  "qiskit-aer": qiskit_aer.__version__, "qiskit-ibm-runtime": runtime_version},
        "shots": SHOTS,
        "cases": [case(source, "manila", range(5), "cx", 0, range(5), 60),
                  case(source, "manila", range(5), "cx", 50, range(5), 40),
                  case(source, "manila", [1, 2, 3], "cx", 0, range(3), 25),
                  case(source, "sherbrooke", region, "ecr", 0, region, 60),
                  case(source, "sherbrooke", region, "ecr", 0, range(5), 40)],
    }
    json.dump(document, sys.stdout, separators=(",", ":"))
    print()


main()
