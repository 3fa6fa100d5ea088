"""Depths and gate counts of circuits, from Qiskit: python make_assembly_counts.py > assembly_counts.json

Random circuits with measurements, resets, barriers and conditions, over registers of several sizes. Each is written as
a "qstill-assembly/1" object (docs/formats.md) by hand from the list that also makes the Qiskit circuit, with what
Qiskit says of it: depth(), count_ops(), the number of two-qubit gates.
"""

import json
import platform
import random
import sys

import qiskit
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import library

RNG = random.Random(20260721)
GATES = {
    "h": (library.HGate, 1, 0), "x": (library.XGate, 1, 0), "rz": (library.RZGate, 1, 1), "u": (library.UGate, 1, 3),
    "cx": (library.CXGate, 2, 0), "cz": (library.CZGate, 2, 0), "rzz": (library.RZZGate, 2, 1),
    "swap": (library.SwapGate, 2, 0), "ccx": (library.CCXGate, 3, 0), "cswap": (library.CSwapGate, 3, 0),
}
UNITARY = set(GATES)


def random_case(n_instructions):
    qregs = [QuantumRegister(RNG.randint(1, 4), f"q{i}") for i in range(RNG.randint(1, 3))]
    while sum(r.size for r in qregs) < 3:
        qregs.append(QuantumRegister(2, f"q{len(qregs)}"))
    cregs = [ClassicalRegister(RNG.randint(1, 3), f"c{i}") for i in range(RNG.randint(1, 3))]
    circuit = QuantumCircuit(*qregs, *cregs)
    n, n_bits, instructions, n_conditions = circuit.num_qubits, circuit.num_clbits, [], 0
    for _ in range(n_instructions):
        kind = RNG.choices(["gate", "measure", "reset", "barrier"], [8, 2, 1, 1])[0]
        if kind == "gate":
            name = RNG.choice(sorted(GATES))
            gate, k, n_angles = GATES[name]
            angles = [round(RNG.uniform(-3, 3), 3) for _ in range(n_angles)]
            qubits = RNG.sample(range(n), k)
            entry = {"gate": name, "qubits": qubits}
            if angles:
                entry["angles"] = angles
            if RNG.random() < 0.2:
                register = RNG.choice(cregs)
                value = RNG.randrange(2 ** register.size)
                with circuit.if_test((register, value)):
                    circuit.append(gate(*angles), qubits)
                entry["if"] = [register.name, value]
                n_conditions += 1
            else:
                circuit.append(gate(*angles), qubits)
        elif kind == "measure":
            qubit, bit = RNG.randrange(n), RNG.randrange(n_bits)
            circuit.measure(qubit, bit)
            entry = {"measure": qubit, "bit": bit}
        elif kind == "reset":
            qubit = RNG.randrange(n)
            circuit.reset(qubit)
            entry = {"reset": qubit}
        else:
            qubits = sorted(RNG.sample(range(n), RNG.randint(1, n)))
            circuit.barrier(qubits)
            entry = {"barrier": qubits}
        instructions.append(entry)
    counts = dict(circuit.count_ops())
    conditioned = [e for e in instructions if "if" in e]
    unitary = {name: counts.get(name, 0) + sum(e["gate"] == name for e in conditioned) for name in UNITARY}
    return {
        "assembly": {"format": "qstill-assembly/1", "qubits": [[r.name, r.size] for r in qregs],
                     "bits": [[r.name, r.size] for r in cregs], "instructions": instructions},
        "depth": circuit.depth(), "measurements": counts.get("measure", 0), "resets": counts.get("reset", 0),
        "barriers": counts.get("barrier", 0), "conditions": counts.get("if_else", 0),
        "gates": {name: count for name, count in sorted(unitary.items()) if count},
    }


def main():
    cases = [random_case(length) for length in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] for _ in range(4)]
    tools = {"python": platform.python_version(), "qiskit": qiskit.__version__}
    lines = ",\n  ".join(json.dumps(case) for case in cases)
    sys.stdout.write(f'{{"tools": {json.dumps(tools)}, "cases": [\n  {lines}\n]}}\n')


if __name__ == "__main__":
    main()
