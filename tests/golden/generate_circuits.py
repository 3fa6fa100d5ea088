"""Golden values for circuits, from Qiskit and PennyLane: python generate_circuits.py > circuits.json

What is in the file is said in README.md beside this one. Nothing here is taken from qstill: gates, ansätze and feature
maps are the tools' own, the numbers drawn from a fixed seed. Qubit order of the file: qubit 0 is the least significant
bit of an index and the right-most letter of a Pauli string, as in Qiskit; wire k of PennyLane is qubit k.
"""

import itertools
import json
import platform
import sys

import numpy as np
import pennylane as qml
import qiskit
import qiskit.qasm2
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import library
from qiskit.quantum_info import Operator, SparsePauliOp, Statevector

RNG = np.random.default_rng(20240611)
ENTANGLEMENTS = ["full", "linear", "reverse_linear", "circular", "sca", "pairwise"]


def numbers(values):
    """Floats as they are, exact zeros and rounding dust as 0."""
    return [0 if abs(v) < 1e-15 else float(v) for v in values]


# --- gates ----------------------------------------------------------------------------------------------------------

GATES = {
    "u3": library.U3Gate, "u2": library.U2Gate, "u1": library.U1Gate, "cx": library.CXGate, "id": library.IGate,
    "x": library.XGate, "y": library.YGate, "z": library.ZGate, "h": library.HGate, "s": library.SGate,
    "sdg": library.SdgGate, "t": library.TGate, "tdg": library.TdgGate, "rx": library.RXGate, "ry": library.RYGate,
    "rz": library.RZGate, "cz": library.CZGate, "cy": library.CYGate, "ch": library.CHGate, "ccx": library.CCXGate,
    "crz": library.CRZGate, "cu1": library.CU1Gate, "cu3": library.CU3Gate, "u": library.UGate,
    "p": library.PhaseGate, "sx": library.SXGate, "sxdg": library.SXdgGate, "swap": library.SwapGate,
    "cswap": library.CSwapGate, "crx": library.CRXGate, "cry": library.CRYGate, "cp": library.CPhaseGate,
    "csx": library.CSXGate, "cu": library.CUGate, "rxx": library.RXXGate, "rzz": library.RZZGate,
    "rccx": library.RCCXGate, "rc3x": library.RC3XGate, "c3x": library.C3XGate, "c3sqrtx": library.C3SXGate,
    "c4x": library.C4XGate, "ryy": library.RYYGate, "rzx": library.RZXGate, "iswap": library.iSwapGate,
    "ecr": library.ECRGate, "r": library.RGate, "gphase": library.GlobalPhaseGate,
}
N_ANGLES = {"u3": 3, "u2": 2, "u1": 1, "rx": 1, "ry": 1, "rz": 1, "crz": 1, "cu1": 1, "cu3": 3, "u": 3, "p": 1,
            "crx": 1, "cry": 1, "cp": 1, "cu": 4, "rxx": 1, "rzz": 1, "ryy": 1, "rzx": 1, "r": 2, "gphase": 1}


def legacy_u0():
    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; u0(1) q[0];'
    return qiskit.qasm2.loads(text, custom_instructions=qiskit.qasm2.LEGACY_CUSTOM_INSTRUCTIONS)


def cx_count(gate):
    """CX gates of Qiskit's own translation, without the optimisations that move qubits."""
    circuit = QuantumCircuit(gate.num_qubits)
    circuit.append(gate, range(gate.num_qubits))
    circuit = transpile(circuit, basis_gates=["u", "cx"], optimization_level=1, seed_transpiler=1)
    return circuit.count_ops().get("cx", 0)


def gate_entries():
    for name, kind in GATES.items():
        angles = [float(a) for a in RNG.uniform(-7, 7, N_ANGLES.get(name, 0))]
        gate = kind(*angles)
        # to_matrix() and the definition must be one thing: Operator takes the first, decompose() the second
        matrix = np.asarray(gate.to_matrix()) if name in ("gphase",) else Operator(gate).data
        if gate.definition is not None and gate.num_qubits and gate.definition.data:
            assert np.abs(Operator(gate.definition).data - matrix).max() < 1e-12, name
        yield {"gate": name, "n_qubits": gate.num_qubits, "angles": angles, "cx": cx_count(gate),
               "re": numbers(matrix.real.ravel()), "im": numbers(matrix.imag.ravel())}
    matrix = Operator(legacy_u0()).data
    yield {"gate": "u0", "n_qubits": 1, "angles": [1.0], "cx": 0,
           "re": numbers(matrix.real.ravel()), "im": numbers(matrix.imag.ravel())}


# --- ansätze --------------------------------------------------------------------------------------------------------

def qiskit_gates(circuit):
    """'ry0(w0) cx0,1': names, qubits and the index of the parameter in the circuit's own order."""
    words = []
    for item in circuit.data:
        qubits = ",".join(str(circuit.find_bit(q).index) for q in item.qubits)
        words.append(item.operation.name + qubits + "".join(f"(w{p.index})" for p in item.operation.params))
    return " ".join(words)


def pennylane_gates(operations):
    """The same; every parameter's value is its own index. Rot is replaced by its decomposition."""
    names = {"RX": "rx", "RY": "ry", "RZ": "rz", "CNOT": "cx"}
    words = []
    for operation in operations:
        parts = operation.decomposition() if operation.name == "Rot" else [operation]
        for part in parts:
            wires = ",".join(str(w) for w in part.wires)
            words.append(names[part.name] + wires + "".join(f"(w{int(round(float(p)))})" for p in part.parameters))
    return " ".join(words)


def qiskit_ansatz(entry):
    options = {"reps": entry["reps"], "skip_final_rotation_layer": entry.get("skip_final_rotation_layer", False)}
    if "entanglement" in entry:
        options["entanglement"] = entry["entanglement"]
    if entry["ansatz"] == "two_local":
        return library.n_local(entry["n_qubits"], entry["rotations"].split(), entry["entangler"], **options)
    return {"real_amplitudes": library.real_amplitudes, "efficient_su2": library.efficient_su2}[entry["ansatz"]](
        entry["n_qubits"], **options)


def pennylane_shape(entry):
    layers = {"basic_entangler": qml.BasicEntanglerLayers, "strongly_entangling": qml.StronglyEntanglingLayers}
    return layers[entry["ansatz"]].shape(n_layers=entry["reps"], n_wires=entry["n_qubits"])


def pennylane_layers(entry, weights):
    """The operations of a PennyLane template, one layer after the other, as its own code makes them."""
    wires = range(entry["n_qubits"])
    if entry["ansatz"] == "basic_entangler":
        rotation = {"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ}[entry.get("rotations", "rx")]
        return qml.BasicEntanglerLayers(weights, wires=wires, rotation=rotation)
    return qml.StronglyEntanglingLayers(weights, wires=wires)


def ansatz_entries():
    for n, entanglement in itertools.product(range(2, 7), ENTANGLEMENTS):
        base = {"n_qubits": n, "entanglement": entanglement}
        yield {"ansatz": "real_amplitudes", **base, "reps": 3}
        yield {"ansatz": "efficient_su2", **base, "reps": 2, "skip_final_rotation_layer": True}
        yield {"ansatz": "two_local", **base, "reps": 5, "rotations": "rx", "entangler": "cz"}
        if n <= 4:
            yield {"ansatz": "two_local", **base, "reps": 2, "rotations": "rz ry", "entangler": "crx"}
    for n in range(1, 6):  # defaults of the entanglement
        yield {"ansatz": "real_amplitudes", "n_qubits": n, "reps": 2}
        yield {"ansatz": "efficient_su2", "n_qubits": n, "reps": 2}
        if n > 1:
            yield {"ansatz": "two_local", "n_qubits": n, "reps": 2, "rotations": "ry", "entangler": "cz"}
    pairs = [[3, 0], [1, 3], [2, 1]]
    yield {"ansatz": "two_local", "n_qubits": 4, "reps": 2, "rotations": "ry rz", "entangler": "rzz",
           "entanglement": pairs}
    for n, reps in itertools.product(range(1, 7), (1, 2, 5)):
        yield {"ansatz": "strongly_entangling", "n_qubits": n, "reps": reps}
        yield {"ansatz": "basic_entangler", "n_qubits": n, "reps": reps}
        yield {"ansatz": "basic_entangler", "n_qubits": n, "reps": reps, "rotations": "rz"}


def with_gates(entry):
    if entry["ansatz"] in ("basic_entangler", "strongly_entangling"):
        shape = pennylane_shape(entry)
        count = int(np.prod(shape))
        template = pennylane_layers(entry, np.arange(count, dtype=float).reshape(shape))
        return {"tool": "pennylane", **entry, "weights": count, "gates": pennylane_gates(template.decomposition())}
    circuit = qiskit_ansatz(entry)
    return {"tool": "qiskit", **entry, "weights": circuit.num_parameters, "gates": qiskit_gates(circuit)}


# --- whole circuits -------------------------------------------------------------------------------------------------

def pauli_words(n):
    words = ["I" * (n - 1 - k) + letter + "I" * k for k in range(n) for letter in "XYZ"]
    return words + ["".join(w) for w in itertools.islice(itertools.product("ZXY", repeat=n), 1, 3**n, max(1, 3**n // 6))]


def result(entry, x, weights, state, expectations, probabilities):
    return {**entry, "x": numbers(x), "weights": numbers(weights), "re": numbers(state.real), "im": numbers(state.imag),
            "expectations": {word: float(value) for word, value in expectations.items()},
            "probabilities": numbers(probabilities)}


def qiskit_case(entry):
    """zz and a Qiskit ansatz; the feature map's parameters are x, the ansatz' are the weights, both by index."""
    n = entry["n_qubits"]
    circuit = QuantumCircuit(n)
    x = RNG.uniform(-2, 2, n)
    circuit.compose(library.zz_feature_map(n, **entry.get("encoding_options", {})).assign_parameters(x), inplace=True)
    ansatz = qiskit_ansatz(entry)
    weights = RNG.uniform(-3, 3, ansatz.num_parameters)
    circuit.compose(ansatz.assign_parameters(weights), inplace=True)
    state = Statevector(circuit)
    values = {word: state.expectation_value(SparsePauliOp(word)).real for word in pauli_words(n)}
    entry.pop("encoding_options", None)
    return result({"tool": "qiskit", **entry}, x, weights, state.data, values, state.probabilities())


def pennylane_word(word):
    factors = [getattr(qml, {"X": "X", "Y": "Y", "Z": "Z", "I": "Identity"}[letter])(len(word) - 1 - i)
               for i, letter in enumerate(word)]
    return factors[0] if len(factors) == 1 else qml.prod(*factors)


def encode(entry, x, scales=None, shifts=None):
    n, name, d = entry["n_qubits"], entry["encoding"], len(x)
    if name.startswith("angle_"):
        for _ in range(entry.get("encoding_reps", 1)):
            qml.AngleEmbedding(x, wires=range(d), rotation=name[-1].upper())
    elif name == "iqp":
        qml.IQPEmbedding(x, wires=range(n), n_repeats=entry.get("encoding_reps", 1))
    elif name == "amplitude":  # its first wire is the most significant bit
        qml.AmplitudeEmbedding(x, wires=range(n)[::-1], pad_with=0.0, normalize=True)
    elif name == "basis":
        qml.BasisEmbedding(np.asarray(x, dtype=int), wires=range(d))
    elif name == "reupload":  # feature j on wire j mod n; RY for the first n features, RZ for the next, and so on
        for j in range(d):
            rotation = [qml.RY, qml.RZ][j // n % 2]
            rotation(scales[j] * x[j] + shifts[j], wires=j % n)
    else:
        raise ValueError(name)


def pennylane_case(entry, x):
    """An encoding, then layers; for reupload one encoding before every layer, whose weights come before the layer's."""
    n, reps, d = entry["n_qubits"], entry["reps"], len(x)
    shape = pennylane_shape(entry)
    per_layer = int(np.prod(shape[1:]))
    reuploads = entry["encoding"] == "reupload"
    stride = per_layer + (2 * d if reuploads else 0)
    weights = RNG.uniform(-3, 3, stride * reps)
    layer_weights = np.stack([weights[(l + 1) * stride - per_layer:(l + 1) * stride] for l in range(reps)])
    layers = pennylane_layers(entry, layer_weights.reshape(shape)).decomposition()
    per_layer_operations = len(layers) // reps

    def prepare():
        for l in range(reps):
            if l == 0 or reuploads or entry.get("repeat_encoding"):
                encode(entry, x, weights[l * stride:l * stride + d], weights[l * stride + d:l * stride + 2 * d])
            for operation in layers[l * per_layer_operations:(l + 1) * per_layer_operations]:
                qml.apply(operation)

    device = qml.device("default.qubit", wires=n)

    @qml.qnode(device)
    def measure():
        prepare()
        return [qml.state(), qml.probs(wires=range(n)[::-1])] + [qml.expval(pennylane_word(w)) for w in pauli_words(n)]

    state, probabilities, *values = measure()
    state = np.asarray(state).reshape([2] * n).transpose(range(n)[::-1]).ravel()  # wire 0 to the last, fastest axis
    return result({"tool": "pennylane", **entry}, x, weights, state, dict(zip(pauli_words(n), values)), probabilities)


def state_entries():
    for n, ansatz, options in [
        (2, "real_amplitudes", {}), (3, "real_amplitudes", {"entanglement": "sca"}), (4, "efficient_su2", {}),
        (3, "efficient_su2", {"entanglement": "circular", "skip_final_rotation_layer": True}),
        (4, "two_local", {"rotations": "ry p", "entangler": "ecr", "entanglement": "pairwise"}),
        (3, "two_local", {"rotations": "rx", "entangler": "crz", "entanglement": "full"}),
    ]:
        yield qiskit_case({"encoding": "zz", "n_qubits": n, "ansatz": ansatz, "reps": 2, **options})
    yield qiskit_case({"encoding": "zz", "encoding_reps": 1, "n_qubits": 3, "ansatz": "real_amplitudes", "reps": 3,
                       "encoding_options": {"reps": 1}})

    for encoding, n, d in [("angle_x", 3, 3), ("angle_y", 4, 3), ("angle_z", 2, 2), ("iqp", 4, 4), ("iqp", 2, 2),
                           ("amplitude", 3, 8), ("amplitude", 4, 11), ("amplitude", 1, 2), ("reupload", 4, 10),
                           ("reupload", 3, 2), ("reupload", 2, 5), ("reupload", 1, 3)]:
        x = RNG.uniform(-2, 2, d)
        yield pennylane_case({"encoding": encoding, "n_qubits": n, "ansatz": "strongly_entangling", "reps": 3}, x)
        yield pennylane_case({"encoding": encoding, "n_qubits": n, "ansatz": "basic_entangler", "reps": 2}, x)
    x = np.array([1.0, 0.0, 1.0])
    yield pennylane_case({"encoding": "basis", "n_qubits": 4, "ansatz": "strongly_entangling", "reps": 2}, x)
    x = RNG.uniform(-2, 2, 3)
    yield pennylane_case({"encoding": "iqp", "encoding_reps": 3, "n_qubits": 3, "ansatz": "basic_entangler",
                          "rotations": "ry", "reps": 1}, x)
    yield pennylane_case({"encoding": "angle_y", "repeat_encoding": True, "n_qubits": 3,
                          "ansatz": "strongly_entangling", "reps": 3}, x)


def main():
    document = {
        "tools": {"python": platform.python_version(), "numpy": np.__version__, "qiskit": qiskit.__version__,
                  "pennylane": qml.__version__},
        "order": "qubit 0 is the least significant bit and the right-most letter",
        "tolerance": 1e-12,
        "gates": list(gate_entries()),
        "ansatze": [with_gates(entry) for entry in ansatz_entries()],
        "states": list(state_entries()),
    }
    body = []
    for key, value in document.items():
        if isinstance(value, list):
            rows = ",\n  ".join(json.dumps(row, ensure_ascii=True) for row in value)
            body.append(f'"{key}": [\n  {rows}\n]')
        else:
            body.append(f'"{key}": {json.dumps(value)}')
    sys.stdout.write("{\n" + ",\n".join(body) + "\n}\n")


if __name__ == "__main__":
    main()
