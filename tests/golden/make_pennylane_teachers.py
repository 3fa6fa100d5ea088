"""Teachers as PennyLane evaluates them: python make_pennylane_teachers.py > pennylane_teachers.json

Cases as in qiskit_teachers.json. Weights keep the shapes of PennyLane's templates; wire 0 is the left-most letter of a
Pauli string and the most significant bit of an index.
"""
import json
import platform
import sys

import numpy as np
import pennylane as qml

RNG = np.random.default_rng(20261122)


def case(name, description, n, d, shape, circuit, measure, outputs, low=-1.5):
    inputs, weights = RNG.uniform(low, 1.5, (4, d)), RNG.uniform(0, 2 * np.pi, shape)

    @qml.qnode(qml.device("default.qubit", wires=n))
    def node(x):
        circuit(x, weights)
        return measure()

    rows = [np.asarray(node(x), dtype=float).reshape(-1).tolist() for x in inputs]
    return {"name": name, "qasm": None, "inputs": inputs.tolist(), "weights": weights.tolist(),
            "description": {**description, "qubits": n, "features": d, "outputs": outputs}, "scores": rows}


def z_of(n):
    return lambda: [qml.expval(qml.PauliZ(k)) for k in range(n)]


def strong(embed):
    def circuit(x, w):
        embed(x)
        qml.StronglyEntanglingLayers(w, wires=range(w.shape[1]))
    return circuit


def reuploaded(x, w):
    for layer in range(len(w)):
        qml.AngleEmbedding(x, wires=range(w.shape[1]), rotation="Z")
        qml.BasicEntanglerLayers(w[layer:layer + 1], wires=range(w.shape[1]))


def iqp(x, w):
    qml.IQPEmbedding(x, wires=range(3), n_repeats=2)
    qml.BasicEntanglerLayers(w, wires=range(3), rotation=qml.RY)


def amplitudes(x):
    qml.AmplitudeEmbedding(x, wires=range(3), pad_with=0.0, normalize=True)


def strings():
    return [qml.expval(qml.PauliZ(0) @ qml.PauliX(1)), qml.expval(qml.PauliZ(2)), qml.expval(qml.PauliY(0)),
            qml.expval(0.5 * qml.PauliX(0) @ qml.PauliY(2) - 2 * qml.PauliZ(1))]


def main():
    four = "StronglyEntanglingLayers"
    words = ["ZXI", "IIZ", "YII", "0.5*XIY - 2*IZI"]
    angle_x = lambda n: lambda x: qml.AngleEmbedding(x, wires=range(n))
    cases = [
        case("strongly entangling, angle", {"template": four, "encoding": "AngleEmbedding"}, 4, 4, (3, 4, 3),
             strong(angle_x(4)), z_of(4), ["z"]),
        case("strongly entangling, ranges", {"template": four, "encoding": "angle", "layers": 5}, 5, 3, (5, 5, 3),
             strong(lambda x: qml.AngleEmbedding(x, wires=range(5))), z_of(5), ["z"]),
        case("strongly entangling, amplitudes", {"template": four, "encoding": "AmplitudeEmbedding"}, 3, 6, (2, 3, 3),
             strong(amplitudes), z_of(3), ["z"]),
        case("amplitudes, strings", {"template": four, "encoding": "amplitude"}, 3, 8, (2, 3, 3), strong(amplitudes),
             strings, words),
        case("angles, strings", {"template": four, "encoding": "angle_y"}, 3, 3, (2, 3, 3),
             strong(lambda x: qml.AngleEmbedding(x, wires=range(3), rotation="Y")), strings, words),
        case("angles, probabilities", {"template": four, "encoding": "angle_x"}, 3, 2, (2, 3, 3), strong(angle_x(3)),
             lambda: qml.probs(wires=range(3)), ["probabilities"]),
        case("basic entangler, repeated", {"template": "BasicEntanglerLayers", "encoding": "angle_z",
                                           "repeat_encoding": "true"}, 3, 3, (3, 3), reuploaded, z_of(3), ["z"]),
        case("basic entangler, iqp", {"template": "basic_entangler", "encoding": "IQPEmbedding", "encoding_reps": 2,
                                      "rotations": "ry"}, 3, 3, (2, 3), iqp, z_of(3), ["z"]),
        case("basic entangler, two wires", {"template": "basic_entangler", "encoding": "angle"}, 2, 2, (2, 2),
             lambda x, w: (qml.AngleEmbedding(x, wires=range(2)), qml.BasicEntanglerLayers(w, wires=range(2))),
             z_of(2), ["z"]),
    ]
    json.dump({"tools": {"python": platform.python_version(), "pennylane": qml.__version__, "numpy": np.__version__},
               "cases": cases}, sys.stdout, indent=1)
    print()


main()
