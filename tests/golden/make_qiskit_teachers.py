"""Teachers as Qiskit evaluates them: python make_qiskit_teachers.py > qiskit_teachers.json

Each case is a description as docs/teachers.md has it, where the teacher is a circuit its OpenQASM 3 text as Qiskit
writes it, inputs, and the scores: expectation values of SparsePauliOps (EstimatorQNN) or probabilities (SamplerQNN) of
the exact state. Weights stand in the order of Qiskit's parameter vectors.
"""
import json
import platform
import sys

import numpy as np
import qiskit
from qiskit import QuantumCircuit, qasm3
from qiskit.circuit import Parameter, ParameterVector
from qiskit.circuit import library
from qiskit.quantum_info import SparsePauliOp, Statevector

RNG = np.random.default_rng(20261121)


def values(circuit, order, inputs, weights, read):
    rows = []
    for x in inputs:
        bound = circuit.assign_parameters(dict(zip(order, [*x, *weights])))
        rows.append(read(Statevector(bound)))
    return rows


def expectations(paulis):
    return lambda state: [float(np.real(state.expectation_value(SparsePauliOp.from_list(p)))) for p in paulis]


def template(name, ansatz, description, n, paulis, outputs, reps=2):
    x = ParameterVector("x", n)
    encoding = library.zz_feature_map(n, reps=2, parameter_prefix="x")
    circuit = QuantumCircuit(n)
    circuit.compose(encoding, inplace=True)
    circuit.compose(ansatz, inplace=True)
    order = [*encoding.parameters, *ansatz.parameters]
    assert [p.name for p in encoding.parameters] == [p.name for p in x]
    inputs, weights = RNG.uniform(-1.5, 1.5, (4, n)), RNG.uniform(-np.pi, np.pi, ansatz.num_parameters)
    return {"name": name, "qasm": None, "inputs": inputs.tolist(), "weights": weights.tolist(),
            "description": {**description, "qubits": n, "features": n, "encoding": "zz_feature_map",
                            "outputs": outputs},
            "scores": values(circuit, order, inputs, weights, expectations(paulis) if paulis else
                             lambda state: state.probabilities().tolist())}


def z_of(n):
    return [[("I" * (n - 1 - k) + "Z" + "I" * k, 1.0)] for k in range(n)]


def parity_circuit():
    """A VQC of three qubits in OpenQASM 3 with parameters of both kinds: the readout is parity modulo 2."""
    n, x, w = 3, ParameterVector("x", 3), ParameterVector("theta", 6)
    scale = Parameter("scale")
    circuit = QuantumCircuit(n)
    for k in range(n):
        circuit.h(k)
        circuit.p(2 * x[k], k)
    circuit.rzz(x[0] * x[2], 0, 2)
    for k in range(n):
        circuit.ry(w[k] + 0.5 * x[k], k)
    circuit.cx(0, 1)
    circuit.crx(scale, 1, 2)
    for k in range(n):
        circuit.u(w[3 + k], 0.25, -w[k], k)
    inputs, weights = RNG.uniform(-1.5, 1.5, (4, n)), RNG.uniform(-np.pi, np.pi, 7)

    def parity(state):
        p = state.probabilities()
        odd = float(sum(v for i, v in enumerate(p) if bin(i).count("1") % 2))
        return [float(sum(p)) - odd, odd]

    return {"name": "circuit, parity", "qasm": qasm3.dumps(circuit), "inputs": inputs.tolist(),
            "weights": {**{f"_theta_{k}_": weights[k] for k in range(6)}, "scale": weights[6]},
            "description": {"features": "_x_*_", "outputs": ["parity"], "classes": 2},
            "scores": values(circuit, [*x, *w, scale], inputs, weights, parity)}


def main():
    cases = [
        template("real_amplitudes", library.real_amplitudes(3, reps=2), {"template": "RealAmplitudes", "layers": 2}, 3,
                 [[("ZZZ", 1.0)], [("IIZ", 1.0)], [("XIY", 0.5), ("ZII", -1.5)]],
                 ["ZZZ", "IIZ", "0.5*XIY - 1.5*ZII"]),
        template("efficient_su2", library.efficient_su2(4, reps=2, entanglement="circular"),
                 {"template": "efficient_su2", "layers": 2, "entanglement": "circular"}, 4, z_of(4), ["z"]),
        template("real_amplitudes, default layers", library.real_amplitudes(2), {"template": "real_amplitudes"}, 2, None,
                 ["probabilities"]),
        template("no final layer", library.real_amplitudes(3, reps=1, entanglement="full", skip_final_rotation_layer=True),
                 {"template": "real_amplitudes", "layers": 1, "entanglement": "full",
                  "skip_final_rotation_layer": "true"}, 3, z_of(3), ["z"]),
        parity_circuit(),
    ]
    json.dump({"tools": {"python": platform.python_version(), "qiskit": qiskit.__version__, "numpy": np.__version__},
               "cases": cases}, sys.stdout, indent=1)
    print()


main()
