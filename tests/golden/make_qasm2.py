"""What Qiskit reads in every file of tests/qasm/valid2: python make_qasm2.py > qasm2.txt

Qiskit's legacy mode, without the shortcut by which it takes gates of its own for definitions of the same name: the body
in the file counts, as it does here. One block a file:

    file NAME QUBITS BITS
    NAME(ANGLE,...) QUBIT ... [-> BIT] [if REGISTER == VALUE]

and below a call of a gate of the file, indented by one, its body with the angles of this call. Registers of bits and
everything else are numbered from 0. What Qiskit refuses and qstill reads has the block `file NAME refused`.
"""
import re
import sys
from pathlib import Path

import qiskit
from qiskit import qasm2
from qiskit.qasm2.parse import _DefinedGate

FOLDER = Path(__file__).parent.parent / "qasm" / "valid2"
NAMES = {"c3sx": "c3sqrtx", "rcccx": "rc3x"}
CONTROLLED = {4: "c3x", 5: "c4x"}


def load(text):
    own = set(re.findall(r"\b(?:gate|opaque)\s+(\w+)", text))
    gates = [gate for gate in qasm2.LEGACY_CUSTOM_INSTRUCTIONS if gate.name not in own]
    return qasm2.loads(text, include_path=qasm2.LEGACY_INCLUDE_PATH, custom_instructions=gates,
                       custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL, strict=False)


def name_of(operation):
    if operation.name == "mcx":
        return CONTROLLED[operation.num_qubits]
    return NAMES.get(operation.name, operation.name)


def instruction(operation, qubits, bits, condition, depth):
    angles = "" if operation.name in ("measure", "reset", "barrier") else ",".join(
        repr(float(angle)) for angle in operation.params)
    line = " " * depth + name_of(operation) + (f"({angles})" if angles else "")
    line += "".join(f" {qubit}" for qubit in qubits)
    line += "".join(f" -> {bit}" for bit in bits) + condition
    print(line)
    if isinstance(operation, _DefinedGate):
        body = operation.definition
        for inner in body.data:
            instruction(inner.operation, [body.find_bit(qubit).index for qubit in inner.qubits], [], "", depth + 1)


def show(name, circuit):
    print("file", name, circuit.num_qubits, circuit.num_clbits)
    for item in circuit.data:
        operation, condition, inner = item.operation, "", item
        qubits, bits = item.qubits, item.clbits
        if operation.name == "if_else":
            register, value = operation.condition
            condition = f" if {circuit.cregs.index(register)} == {min(value, 2**64 - 1)}"
            block = operation.blocks[0]
            inner = block.data[0]
            qubits = [item.qubits[block.find_bit(qubit).index] for qubit in inner.qubits]
            bits = [item.clbits[block.find_bit(bit).index] for bit in inner.clbits]
        instruction(inner.operation, [circuit.find_bit(qubit).index for qubit in qubits],
                    [circuit.find_bit(bit).index for bit in bits], condition, 0)


def main():
    print(f"# python {sys.version.split()[0]}, qiskit {qiskit.__version__}")
    for path in sorted(FOLDER.glob("*.qasm"), key=lambda path: path.name):
        try:
            circuit = load(path.read_bytes().decode())
        except qasm2.QASM2ParseError:
            print("file", path.stem, "refused")
            continue
        show(path.stem, circuit)


if __name__ == "__main__":
    main()
