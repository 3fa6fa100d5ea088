"""PennyLane Lightning, its C++ state and adjoint differentiation, through the device's own interface: circuits are written
once, and neither QNodes nor autograd stand between (on small circuits they cost ten times the simulation)."""
import numpy as np
import pennylane as qml
from pennylane.devices import ExecutionConfig
from pennylane.tape import QuantumScript

from circuits import hea_gates, training_gates, volume_gates
from sample_pool import SamplePool

PACKAGES = ("pennylane", "pennylane-lightning")
GATES = {"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ, "cx": qml.CNOT, "cz": qml.CZ}
ADJOINT = ExecutionConfig(gradient_method="adjoint", use_device_gradient=True)


def _script(gates, n_outputs, inputs, weights):
    """The circuit with its angles bound; its trainable parameters are the weights."""
    operations, trainable, n_angles = [], [], 0
    for name, qubits, slot in gates:
        if slot is None:
            operations.append(GATES[name](qubits))
            continue
        operations.append(GATES[name](inputs[slot[1]] if slot[0] == "x" else weights[slot[1:]], qubits))
        if slot[0] == "w":
            trainable.append(n_angles)
        n_angles += 1
    script = QuantumScript(operations, [qml.expval(qml.Z(k)) for k in range(n_outputs)])
    script.trainable_params = trainable
    return script


def _training(case, arrays, device):
    n, layers, shape = case["qubits"], case["layers"], arrays["weights"].shape
    gates = list(training_gates(n, layers))

    def part(first, last):
        scripts = [_script(gates, n, x, arrays["weights"]) for x in arrays["inputs"][first:last]]
        outputs = np.reshape(device.execute(scripts, ADJOINT), (last - first, n))
        errors = outputs - arrays["targets"][first:last]
        slopes = [tuple(row) if n > 1 else row[0] for row in 2 * errors / arrays["targets"].size]
        gradients = device.compute_vjp(scripts, slopes, ADJOINT)
        return np.sum(errors**2) / arrays["targets"].size, np.sum(gradients, axis=0).reshape(shape)

    return SamplePool(part, case["batch"], case["threads"])


def candidates(case, arrays, way):
    n, layers = case["qubits"], case["layers"]
    device = qml.device("lightning.qubit", wires=n,
                        c_dtype=np.complex128 if case["precision"] == "double" else np.complex64)
    if case["kind"] == "train":
        return {way: _training(case, arrays, device)}
    if case["kind"] == "qv":  # QubitUnitary takes the first wire as the higher bit
        gates = [qml.QubitUnitary(unitary, pair[::-1]) for pair, unitary in volume_gates(n, layers)]
        script = QuantumScript(gates, [qml.expval(qml.Z(0))])
    else:
        script = _script(hea_gates(n, layers), 1, None, arrays["weights"])
    if not case["gradient"]:
        return {way: lambda: (device.execute(script), None)}

    def adjoint():
        value, gradient = device.execute_and_compute_derivatives(script, ADJOINT)
        return value, np.reshape(gradient, arrays["weights"].shape)

    return {way: adjoint}
