"""circuits.py: the circuits that everyone runs, their numbers, and an independent answer in plain numpy.

Qubit k is bit k of an amplitude's index. A gate is (name, qubits, slot): slot None, or where its angle stands, ("x", q) in
the inputs (per sample) or ("w", i, j, ...) in the weights. Rotations are exp(-i angle/2 P).

    train   per layer: RY(x_q) on each q; RX, RY, RZ(w[l,q,0..2]) on each q; CX(q, (q+1) mod n) for q = 0..n-1 in order;
            loss = mean over samples and k of (<Z_k> - y_k)^2; one step is the loss and its gradient by all weights
    hea     per layer: RY, RZ(w[l,q,0..1]) on each q; CZ(q, q+1) for q = 0..n-2; value <Z_0>
    qv      per layer: random SU(4) on the pairs of a random permutation; value <Z_0>
    exact, trajectories
            the circuits of train, each gate followed by depolarizing with P = DEPOLARIZING on each of its qubits; value is the
            mean over samples and k of <Z_k>, from case["shots"] shots or trajectories a sample
    training
            the step of train with one draw of that noise a sample: nothing to compare, its gradient is random
"""
import numpy as np

DEPOLARIZING = 0.01
NOISY = ("exact", "trajectories", "training")

PAULI = {"rx": np.array([[0, 1], [1, 0]], complex), "ry": np.array([[0, -1j], [1j, 0]]), "rz": np.diag([1.0 + 0j, -1])}


def training_gates(n_qubits, n_layers):
    for layer in range(n_layers):
        for q in range(n_qubits):
            yield "ry", (q,), ("x", q)
        for q in range(n_qubits):
            for j, name in enumerate(("rx", "ry", "rz")):
                yield name, (q,), ("w", layer, q, j)
        for q in range(n_qubits if n_qubits > 1 else 0):
            yield "cx", (q, (q + 1) % n_qubits), None


def hea_gates(n_qubits, n_layers):
    for layer in range(n_layers):
        for q in range(n_qubits):
            yield "ry", (q,), ("w", layer, q, 0)
            yield "rz", (q,), ("w", layer, q, 1)
        for q in range(n_qubits - 1):
            yield "cz", (q, q + 1), None


def volume_gates(n_qubits, n_layers):
    """[(pair, U)]: column and row 2 b + a of U belong to bit a of pair[0] and bit b of pair[1]."""
    random = np.random.default_rng(31 * n_qubits + n_layers)
    gates = []
    for _ in range(n_layers):
        order = random.permutation(n_qubits)
        for i in range(n_qubits // 2):
            unitary, triangle = np.linalg.qr(random.normal(size=(4, 4)) + 1j * random.normal(size=(4, 4)))
            unitary = unitary * (np.diag(triangle) / abs(np.diag(triangle)))
            gates.append(((int(order[2 * i]), int(order[2 * i + 1])), unitary / np.linalg.det(unitary) ** 0.25))
    return gates


def arrays_of(case):
    """The numbers of a case, the same for everyone: weights, and for training also inputs and targets."""
    n, layers = case["qubits"], case["layers"]
    random = np.random.default_rng([n, layers, case["batch"]])
    if case["kind"] == "train" or case["kind"] in NOISY:
        return {"inputs": random.uniform(-np.pi, np.pi, (case["batch"], n)),
                "weights": random.uniform(-np.pi, np.pi, (layers, n, 3)),
                "targets": random.uniform(-1, 1, (case["batch"], n))}
    return {"weights": random.uniform(-np.pi, np.pi, (layers, n, 2))}


def z_signs(n_qubits):
    """(n, 2^n): the eigenvalue of Z_k at each index."""
    return 1 - 2.0 * ((np.arange(2**n_qubits) >> np.arange(n_qubits)[:, None]) & 1)


# --- the reference: gate by gate on amp[2^n][sample] ---

def _halves(state, q):
    view = state.reshape(-1, 2, 2**q, state.shape[-1])
    return view[:, 0], view[:, 1]


def _apply(state, gate, angle):
    name, qubits, _ = gate
    if name in PAULI:
        return np.cos(angle / 2) * state - 1j * np.sin(angle / 2) * _pauli(state, name, qubits[0])
    index = np.arange(len(state))
    control, target = ((index >> q) & 1 for q in qubits)
    if name == "cx":
        return state[index ^ (control << qubits[1])]
    return np.where((control & target)[:, None] == 1, -state, state)


def _pauli(state, name, q):
    matrix, out = PAULI[name], np.empty_like(state)
    (zero, one), (to_zero, to_one) = _halves(state, q), _halves(out, q)
    to_zero[...] = matrix[0, 0] * zero + matrix[0, 1] * one
    to_one[...] = matrix[1, 0] * zero + matrix[1, 1] * one
    return out


def _angle(slot, arrays):
    if slot is None:
        return None
    return arrays["inputs"][:, slot[1]] if slot[0] == "x" else arrays["weights"][slot[1:]]


def _volume(n_qubits, gates):
    state = np.zeros((2,) * n_qubits, complex)
    state[(0,) * n_qubits] = 1
    for pair, unitary in gates:
        axes = [n_qubits - 1 - q for q in pair]
        tensor = unitary.reshape(2, 2, 2, 2)  # out b, out a, in b, in a
        state = np.moveaxis(np.tensordot(tensor, state, ([3, 2], axes)), (1, 0), axes)
    return float(z_signs(n_qubits)[0] @ abs(state.reshape(-1)) ** 2)


def _mixed(rho, n_qubits, q):
    """(1 - P) rho + P tr_q(rho) I/2 of rho[row][column][sample], one bit of the row and the same of the column."""
    shape, out = rho.shape, (1 - DEPOLARIZING) * rho
    view = rho.reshape(2 ** (n_qubits - q - 1), 2, 2**q, 2 ** (n_qubits - q - 1), 2, 2**q, -1)
    into = out.reshape(view.shape)
    half = DEPOLARIZING / 2 * (view[:, 0, :, :, 0] + view[:, 1, :, :, 1])
    into[:, 0, :, :, 0] += half
    into[:, 1, :, :, 1] += half
    return into.reshape(shape)


def _noisy_mean(case, arrays):
    """Exactly, by a density matrix for each sample."""
    n, dim, values = case["qubits"], 2 ** case["qubits"], []
    for x in arrays["inputs"]:
        sample = {"inputs": x[None], "weights": arrays["weights"]}
        rho = np.zeros((dim, dim, 1), complex)
        rho[0, 0] = 1
        for gate in training_gates(n, case["layers"]):
            angle = _angle(gate[2], sample)
            rho = _apply(rho.reshape(dim, dim), gate, angle)
            rho = np.ascontiguousarray(_apply(rho.conj().T, gate, angle).conj().T).reshape(dim, dim, 1)
            for q in gate[1]:
                rho = _mixed(rho, n, q)
        values.append(float(np.mean(z_signs(n) @ np.diagonal(rho[:, :, 0]).real)))
    return float(np.mean(values))


def reference(case, arrays):
    """(value, gradient by the weights or None), by a forward and a backward sweep."""
    n, layers = case["qubits"], case["layers"]
    if case["kind"] in NOISY:
        return _noisy_mean(case, arrays), None
    if case["kind"] == "qv":
        return _volume(n, volume_gates(n, layers)), None
    train = case["kind"] == "train"
    gates = list(training_gates(n, layers) if train else hea_gates(n, layers))
    signs = z_signs(n) if train else z_signs(n)[:1]
    state = np.zeros((2**n, case["batch"] if train else 1), complex)
    state[0] = 1
    for gate in gates:
        state = _apply(state, gate, _angle(gate[2], arrays))
    outputs = signs @ abs(state) ** 2
    if train:
        errors = outputs - arrays["targets"].T
        value, slopes = float(np.mean(errors**2)), 2 * errors / errors.size
    else:
        value, slopes = float(outputs[0, 0]), np.ones((1, 1))
    if not case["gradient"]:
        return value, None
    costate, gradient = (signs.T @ slopes) * state, np.zeros_like(arrays["weights"])
    for gate in reversed(gates):
        angle = _angle(gate[2], arrays)
        if gate[2] and gate[2][0] == "w":
            gradient[gate[2][1:]] = np.vdot(costate, _pauli(state, gate[0], gate[1][0])).imag
        back = None if angle is None else -angle
        state, costate = _apply(state, gate, back), _apply(costate, gate, back)
    return value, gradient
