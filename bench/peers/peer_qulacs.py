"""qulacs. Gradients by its backpropagation, in the form that starts from a costate made of the forward state that the value
needs anyway. Training: samples shared out to processes, because its calls hold Python's lock. Wide states: its circuit
optimizer with the block size that is fastest here. Noise: its NoiseSimulator, which draws the errors of all shots and runs equal
ones once, in C++; circuits are shared out to processes."""
import numpy as np
from qulacs import NoiseSimulator, Observable, ParametricQuantumCircuit, QuantumCircuit, QuantumState
from qulacs.circuit import QuantumCircuitOptimizer
from qulacs.gate import CNOT, CZ, RX, RY, RZ, DenseMatrix, DepolarizingNoise, Z

from circuits import DEPOLARIZING, hea_gates, training_gates, volume_gates, z_signs
from sample_pool import SamplePool

PACKAGES = ("qulacs",)
GATES = {"rx": RX, "ry": RY, "rz": RZ, "cx": CNOT, "cz": CZ}


def _parametric(n, gates):
    """The circuit, and the slot of each of its parameters. qulacs turns by exp(+i angle/2 P): all angles are negated."""
    circuit, slots = ParametricQuantumCircuit(n), []
    for name, qubits, slot in gates:
        if slot is None:
            circuit.add_gate(GATES[name](*qubits))
        else:
            getattr(circuit, f"add_parametric_{name.upper()}_gate")(*qubits, 0.0)
            slots.append(slot)
    return circuit, slots


def _set_weights(circuit, slots, weights):
    for i, slot in enumerate(slots):
        if slot[0] == "w":
            circuit.set_parameter(i, -weights[slot[1:]])


def _gather(slots, inner_products, shape):
    """backprop_inner_product gives half a derivative by qulacs's angle, which is minus ours."""
    gradient = np.zeros(shape)
    for slot, product in zip(slots, inner_products):
        if slot[0] == "w":
            gradient[slot[1:]] -= 2 * product
    return gradient


def _training(case, arrays):
    n, size = case["qubits"], arrays["targets"].size
    circuit, slots = _parametric(n, training_gates(n, case["layers"]))
    input_slots = [(i, slot[1]) for i, slot in enumerate(slots) if slot[0] == "x"]
    signs, state, costate = z_signs(n), QuantumState(n), QuantumState(n)

    def part(first, last):
        _set_weights(circuit, slots, arrays["weights"])
        value, products = 0.0, np.zeros(len(slots))
        for x, y in zip(arrays["inputs"][first:last], arrays["targets"][first:last]):
            for i, q in input_slots:
                circuit.set_parameter(i, -x[q])
            state.set_zero_state()
            circuit.update_quantum_state(state)
            amplitudes = state.get_vector()
            errors = signs @ (amplitudes.real**2 + amplitudes.imag**2) - y
            value += errors @ errors / size
            costate.load((2 / size * errors @ signs) * amplitudes)
            products += circuit.backprop_inner_product(costate)
        return value, _gather(slots, products, arrays["weights"].shape)

    return {"": SamplePool(part, case["batch"], case["threads"])}


def _z0(n):
    observable = Observable(n)
    observable.add_operator(1.0, "Z 0")
    return observable


def _wide(case, arrays):
    n, layers = case["qubits"], case["layers"]
    observable, state = _z0(n), QuantumState(n)
    volume = volume_gates(n, layers) if case["kind"] == "qv" else None

    def circuit_of():
        circuit = QuantumCircuit(n)
        if volume is not None:
            for pair, unitary in volume:
                circuit.add_gate(DenseMatrix(list(pair), unitary))
            return circuit
        for name, qubits, slot in hea_gates(n, layers):
            circuit.add_gate(GATES[name](*qubits, *([] if slot is None else [-arrays["weights"][slot[1:]]])))
        return circuit

    def forward(block):
        circuit = circuit_of()
        if block:
            QuantumCircuitOptimizer().optimize(circuit, block)
        state.set_zero_state()
        circuit.update_quantum_state(state)
        return observable.get_expectation_value(state), None

    return {f"blocks of {block}" if block else "": lambda block=block: forward(block) for block in (0, 2, 3)}


def _gradient(case, arrays):
    n = case["qubits"]
    circuit, slots = _parametric(n, hea_gates(n, case["layers"]))
    observable, state, costate = _z0(n), QuantumState(n), QuantumState(n)

    def adjoint():
        _set_weights(circuit, slots, arrays["weights"])
        state.set_zero_state()
        circuit.update_quantum_state(state)
        value = observable.get_expectation_value(state)
        costate.load(state)
        Z(0).update_quantum_state(costate)
        return value, _gather(slots, circuit.backprop_inner_product(costate), arrays["weights"].shape)

    return {"": adjoint}


def _trajectories(case, arrays):
    n, total = case["qubits"], case["batch"] * case["qubits"] * case["shots"]
    gates, weights = list(training_gates(n, case["layers"])), arrays["weights"]

    def circuit_of(x):
        circuit = QuantumCircuit(n)
        for name, qubits, slot in gates:
            angle = () if slot is None else (-x[slot[1]] if slot[0] == "x" else -weights[slot[1:]],)
            circuit.add_gate(GATES[name](*qubits, *angle))
            for qubit in qubits:  # X, Y and Z with a third of its probability each
                circuit.add_gate(DepolarizingNoise(qubit, 0.75 * DEPOLARIZING))
        return circuit

    def part(first, last):
        total_z = 0
        for x in arrays["inputs"][first:last]:
            outcomes = np.asarray(NoiseSimulator(circuit_of(x), QuantumState(n)).execute(case["shots"]))
            ones = (outcomes[:, None] >> np.arange(n)) & 1
            total_z += ones.size - 2 * int(ones.sum())
        return total_z / total, 0

    pool = SamplePool(part, case["batch"], case["threads"])

    def run():
        return pool()[0], None
    run.close = pool.close
    return {"": run}


def candidates(case, arrays, way):
    if case["kind"] == "trajectories":
        return _trajectories(case, arrays)
    if case["kind"] == "train":
        return _training(case, arrays)
    return (_gradient if case["gradient"] else _wide)(case, arrays)
