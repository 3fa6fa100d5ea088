"""qsim through qsimcirq (single precision is all it has), gates fused to the size that is fastest here, the translated
circuit kept between runs."""
import cirq
import qsimcirq

from circuits import hea_gates, volume_gates

PACKAGES = ("qsimcirq", "cirq-core")
GATES = {"ry": cirq.ry, "rz": cirq.rz}


def candidates(case, arrays, way):
    n, layers = case["qubits"], case["layers"]
    qubits = cirq.LineQubit.range(n)
    if case["kind"] == "qv":  # MatrixGate takes the first qubit as the higher bit
        operations = [cirq.MatrixGate(unitary)(qubits[pair[1]], qubits[pair[0]])
                      for pair, unitary in volume_gates(n, layers)]
    else:
        operations = [cirq.CZ(*(qubits[q] for q in on)) if slot is None
                      else GATES[name](arrays["weights"][slot[1:]])(qubits[on[0]])
                      for name, on, slot in hea_gates(n, layers)]
    circuit = cirq.Circuit(operations)

    def forward(simulator):
        return simulator.simulate_expectation_values(circuit, [cirq.Z(qubits[0])])[0].real, None

    simulators = {size: qsimcirq.QSimSimulator(
        qsimcirq.QSimOptions(max_fused_gate_size=size, cpu_threads=case["threads"]), circuit_memoization_size=4)
        for size in (2, 3, 4)}
    return {f"{size} qubits fused": lambda simulator=simulator: forward(simulator)
            for size, simulator in simulators.items()}
