"""TensorCircuit on its JAX backend, jit and vmap. Training: layers unrolled up to 4 qubits, beyond by a scan that hands
the state on (compiles 10 times faster there, and runs faster). Light cone: the tensor network of <Z_0> alone."""
import jax
import jax.numpy as jnp
import tensorcircuit as tc

from circuits import hea_gates, training_gates, z_signs

PACKAGES = ("tensorcircuit-ng", "jax")
jax.config.update("jax_enable_x64", True)
tc.set_backend("jax")


def _put(circuit, gates, inputs, weights):
    for name, qubits, slot in gates:
        if slot is None:
            getattr(circuit, name)(*qubits)
        else:
            angle = inputs[slot[1]] if slot[0] == "x" else weights[slot[1:]]
            getattr(circuit, name)(*qubits, theta=angle)
    return circuit


def _training(case, arrays, kind):
    n, layers = case["qubits"], case["layers"]
    inputs, weights, targets = (jnp.asarray(arrays[name], kind) for name in ("inputs", "weights", "targets"))
    signs = jnp.asarray(z_signs(n)[::-1], kind)  # TensorCircuit's qubit 0 is the highest bit

    def unrolled(x, w):
        return _put(tc.Circuit(n), training_gates(n, layers), x, w).state()

    def scan(x, w):
        def layer(state, w_layer):
            return _put(tc.Circuit(n, inputs=state), training_gates(n, 1), x, w_layer[None]).state(), None

        start = jnp.zeros(2**n, signs.dtype).astype(tc.dtypestr).at[0].set(1)
        return jax.lax.scan(layer, start, w)[0]

    way = unrolled if n <= 4 else scan

    def outputs(x, w):
        state = way(x, w)
        return signs @ (state.real**2 + state.imag**2)

    step = jax.jit(jax.value_and_grad(
        lambda w, x, y: jnp.mean((jax.vmap(outputs, (0, None))(x, w) - y) ** 2)))
    return lambda: jax.block_until_ready(step(weights, inputs, targets))


def _cone(case, arrays, kind):
    n, layers = case["qubits"], case["layers"]
    weights = jnp.asarray(arrays["weights"], kind)

    def value(w):
        circuit = _put(tc.Circuit(n), hea_gates(n, layers), None, w)
        return circuit.expectation_ps(z=[0], enable_lightcone=True).real

    if case["gradient"]:
        step = jax.jit(jax.value_and_grad(value))
        return lambda: jax.block_until_ready(step(weights))
    forward = jax.jit(value)
    return lambda: (jax.block_until_ready(forward(weights)), None)


def candidates(case, arrays, way):
    tc.set_dtype("complex128" if case["precision"] == "double" else "complex64")
    kind = jnp.float64 if case["precision"] == "double" else jnp.float32
    return {way: (_training if case["kind"] == "train" else _cone)(case, arrays, kind)}
