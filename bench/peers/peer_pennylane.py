"""PennyLane's default.qubit on JAX: the batch by parameter broadcasting, backpropagation, the whole step under jit."""
import jax
import jax.numpy as jnp
import pennylane as qml

from circuits import training_gates

PACKAGES = ("pennylane", "jax")
GATES = {"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ}


def candidates(case, arrays, way):
    jax.config.update("jax_enable_x64", case["precision"] == "double")
    n, layers = case["qubits"], case["layers"]
    inputs, weights, targets = (jnp.asarray(arrays[name]) for name in ("inputs", "weights", "targets"))

    @qml.qnode(qml.device("default.qubit", wires=n), diff_method="backprop", interface="jax")
    def outputs(x, w):
        for name, qubits, slot in training_gates(n, layers):
            if slot is None:
                qml.CNOT(qubits)
            else:
                GATES[name](x[:, slot[1]] if slot[0] == "x" else w[slot[1:]], qubits)
        return [qml.expval(qml.Z(k)) for k in range(n)]

    step = jax.jit(jax.value_and_grad(lambda w, x, y: jnp.mean((jnp.stack(outputs(x, w)).T - y) ** 2)))
    return {way: lambda: jax.block_until_ready(step(weights, inputs, targets))}
