"""Qiskit Aer, its statevector method, gates fused to the size that is fastest here. Truncation is Aer's light cone: on for
the cone, off where the whole state is asked for."""
from qiskit import QuantumCircuit
from qiskit.quantum_info import Pauli
from qiskit_aer import AerSimulator

from circuits import hea_gates, volume_gates

PACKAGES = ("qiskit", "qiskit-aer")


def candidates(case, arrays, way):
    n, layers = case["qubits"], case["layers"]
    circuit = QuantumCircuit(n)
    if case["kind"] == "qv":
        for pair, unitary in volume_gates(n, layers):
            circuit.unitary(unitary, list(pair))
    else:
        for name, qubits, slot in hea_gates(n, layers):
            getattr(circuit, name)(*([] if slot is None else [arrays["weights"][slot[1:]]]), *qubits)
    circuit.save_expectation_value(Pauli("Z"), [0])

    def forward(simulator):
        result = simulator.run(circuit, shots=1).result()
        if not result.success:
            raise RuntimeError(result.status)
        return result.data()["expectation_value"], None

    simulators = {size: AerSimulator(method="statevector", precision=case["precision"], fusion_max_qubit=size,
                                     max_parallel_threads=case["threads"], enable_truncation=case["kind"] == "cone")
                  for size in (3, 4, 5)}
    return {f"{size} qubits fused": lambda simulator=simulator: forward(simulator)
            for size, simulator in simulators.items()}
