"""MindQuantum, mqvector. Training, two ways: up to 8 qubits one call for the batch that returns every output's gradient, on
parallel workers; or sample by sample the gradient of the weighted sum of Z_k (one sweep instead of n), samples shared out
to processes. Wide states: its simulator on all threads; the gradient by get_expectation_with_grad."""
import mindquantum as mq
import numpy as np
from mindquantum.core.circuit import Circuit
from mindquantum.core.gates import RX, RY, RZ, UnivMathGate, X, Z
from mindquantum.core.operators import Hamiltonian, QubitOperator
from mindquantum.simulator import Simulator

from circuits import hea_gates, training_gates, volume_gates, z_signs
from sample_pool import SamplePool

PACKAGES = ("mindquantum",)
ROTATIONS = {"rx": RX, "ry": RY, "rz": RZ}


def _name(slot):
    return "_".join(map(str, slot))


def _circuit(gates):
    """Runs of gates on inputs are marked as encoder, all others as ansatz."""
    circuit, run, encodes = Circuit(), Circuit(), None
    for name, qubits, slot in gates:
        is_input = slot is not None and slot[0] == "x"
        if encodes is not None and is_input != encodes:
            circuit += run.as_encoder() if encodes else run.as_ansatz()
            run = Circuit()
        encodes = is_input
        run += ROTATIONS[name](_name(slot)).on(*qubits) if slot else (X if name == "cx" else Z).on(qubits[1], qubits[0])
    return circuit + (run.as_encoder() if encodes else run.as_ansatz())


def _z_sum(factors, kind):
    operator = QubitOperator()
    for k, factor in factors:
        operator += QubitOperator(f"Z{k}", float(factor))
    return Hamiltonian(operator, dtype=kind)


def _training(case, arrays, kind):
    n, size, shape = case["qubits"], arrays["targets"].size, arrays["weights"].shape
    circuit, simulator, signs = _circuit(training_gates(n, case["layers"])), Simulator("mqvector", n, dtype=kind), z_signs(n)
    slots = [tuple(map(int, name.split("_")[1:])) for name in circuit.ansatz_params_name]
    weights = np.array([arrays["weights"][slot] for slot in slots])
    inputs = arrays["inputs"][:, [int(name.split("_")[1]) for name in circuit.encoder_params_name]]

    def gather(derivatives):
        gradient = np.zeros(shape)
        for slot, derivative in zip(slots, derivatives):
            gradient[slot] += derivative
        return gradient

    jacobian = simulator.get_expectation_with_grad([_z_sum([(k, 1)], kind) for k in range(n)], circuit,
                                                   parallel_worker=case["threads"])

    def whole():
        outputs, _, derivatives = jacobian(inputs, weights)
        errors = outputs.real - arrays["targets"]
        return np.sum(errors**2) / size, gather(np.einsum("bk,bkp->p", 2 / size * errors, derivatives.real))

    def part(first, last):
        value, derivatives = 0.0, np.zeros(len(slots))
        angles = dict(zip(circuit.ansatz_params_name, weights))
        for x, y in zip(inputs[first:last], arrays["targets"][first:last]):
            simulator.reset()
            simulator.apply_circuit(circuit, angles | dict(zip(circuit.encoder_params_name, x)))
            amplitudes = simulator.get_qs()
            errors = signs @ (amplitudes.real**2 + amplitudes.imag**2) - y
            value += errors @ errors / size
            simulator.reset()
            gradient_of = simulator.get_expectation_with_grad(_z_sum(enumerate(2 / size * errors), kind), circuit)
            derivatives += gradient_of(x[None], weights)[2].real.ravel()
        return value, gather(derivatives)

    ways = {"samples": SamplePool(part, case["batch"], case["threads"])}
    return ways | {"jacobian": whole} if n <= 8 else ways


def candidates(case, arrays, way):
    kind = mq.complex128 if case["precision"] == "double" else mq.complex64
    n, layers = case["qubits"], case["layers"]
    if case["kind"] == "train":
        return _training(case, arrays, kind)
    simulator, z0 = Simulator("mqvector", n, dtype=kind), _z_sum([(0, 1)], kind)
    if case["kind"] == "qv":
        circuit, angles = Circuit(), {}
        for pair, unitary in volume_gates(n, layers):
            circuit += UnivMathGate("U", unitary).on(list(pair))
    else:
        circuit = _circuit(hea_gates(n, layers))
        slots = [tuple(map(int, name.split("_")[1:])) for name in circuit.params_name]
        angles = {name: arrays["weights"][slot] for name, slot in zip(circuit.params_name, slots)}
    if case["gradient"]:
        derivatives_of, weights = simulator.get_expectation_with_grad(z0, circuit), np.array(list(angles.values()))

        def adjoint():
            value, derivatives = derivatives_of(weights)
            gradient = np.zeros(arrays["weights"].shape)
            for slot, derivative in zip(slots, derivatives.real.ravel()):
                gradient[slot] = derivative
            return value.real.item(), gradient

        return {way: adjoint}

    def forward():
        simulator.reset()
        simulator.apply_circuit(circuit, angles)
        return simulator.get_expectation(z0).real, None

    return {way: forward}
