"""Batched JAX by hand: amp[2^n][sample], one 2x2 matrix a qubit and layer, the ring of CX as one gather. Autodiff, jit.

Two ways to write it, and neither is always the faster one:
    unrolled  the layers one after the other, the gate on qubit q at stride 2^q
    scan      a loop over layers (one layer is compiled); every gate acts on the top bit and puts it at the bottom, so
              the same two halves are read each time and n gates bring the order back; the first layer on |0...0> is
              written down as a product
An SU(2) matrix [[a, -b*], [b, a*]] is the pair (a, b)."""
import jax
import jax.numpy as jnp
import numpy as np

from circuits import z_signs

PACKAGES = ("jax", "jaxlib")
jax.config.update("jax_enable_x64", True)


def _after(second, first):
    (a2, b2), (a1, b1) = second, first
    return a2 * a1 - jnp.conj(b2) * b1, b2 * a1 + jnp.conj(a2) * b1


def _matrices(inputs, weights):
    """(a, b) of RZ RY RX RY(x), each (layer, qubit, sample)."""
    cosine, sine = jnp.cos(weights / 2)[..., None], jnp.sin(weights / 2)[..., None]
    rx = cosine[:, :, 0], -1j * sine[:, :, 0]
    ry = cosine[:, :, 1], sine[:, :, 1]
    rz = cosine[:, :, 2] - 1j * sine[:, :, 2], 0
    shared = _after(rz, _after(ry, rx))
    return _after(shared, (jnp.cos(inputs.T / 2), jnp.sin(inputs.T / 2)))


def _ring(n_qubits):
    """Where the amplitude at each index comes from, after CX(q, q+1) all around."""
    index, source = np.arange(2**n_qubits), np.arange(2**n_qubits)
    for q in range(n_qubits if n_qubits > 1 else 0):
        source = source[index ^ (((index >> q) & 1) << (q + 1) % n_qubits)]
    return source


def _mix(a, b, zero, one):
    return jnp.stack([a * zero - jnp.conj(b) * one, b * zero + jnp.conj(a) * one], 1)


def _unrolled(a, b, n_qubits, ring):
    state = jnp.zeros((2**n_qubits, a.shape[-1]), a.dtype).at[0].set(1)
    for layer in range(len(a)):
        for q in range(n_qubits):
            view = state.reshape(-1, 2, 2**q, state.shape[-1])
            state = _mix(a[layer, q], b[layer, q], view[:, 0], view[:, 1]).reshape(state.shape)
        state = state[ring]
    return state


def _scan(a, b, n_qubits, ring):
    def layer(state, matrices):
        for q in reversed(range(n_qubits)):
            half = len(state) // 2
            state = _mix(matrices[0][q], matrices[1][q], state[:half], state[half:]).reshape(state.shape)
        return state[ring], None

    state = jnp.ones((1, a.shape[-1]), a.dtype)
    for q in range(n_qubits):
        state = jnp.concatenate([state * a[0, q], state * b[0, q]])
    return jax.lax.scan(layer, state[ring], (a[1:], b[1:]))[0]


def expectations(inputs, weights, way=_scan):
    """(sample, qubit): all <Z_k>."""
    n_qubits = inputs.shape[1]
    a, b = _matrices(inputs, weights)
    state = way(a, b, n_qubits, _ring(n_qubits))
    return (jnp.asarray(z_signs(n_qubits), inputs.dtype) @ (state.real**2 + state.imag**2)).T


def candidates(case, arrays, way):
    kind = jnp.float64 if case["precision"] == "double" else jnp.float32
    inputs, weights, targets = (jnp.asarray(arrays[name], kind) for name in ("inputs", "weights", "targets"))
    way = {"unrolled": _unrolled, "scan": _scan}[way]
    step = jax.jit(jax.value_and_grad(
        lambda weights, inputs, targets: jnp.mean((expectations(inputs, weights, way) - targets) ** 2)))
    return {"": lambda: jax.block_until_ready(step(weights, inputs, targets))}
