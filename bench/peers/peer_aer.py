"""Qiskit Aer, its statevector method, gates fused to the size that is fastest here. Truncation is Aer's light cone: on for
the cone, off where the whole state is asked for. With noise: all circuits in one run, as a list or as one circuit with
bindings, noise from a model or written into the circuit; density matrices for exact distributions, the statevector method for
trajectories, shot by shot or branching."""
from qiskit.circuit import Parameter
from qiskit import QuantumCircuit
from qiskit.quantum_info import Pauli
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error

from circuits import DEPOLARIZING, hea_gates, training_gates, volume_gates

PACKAGES = ("qiskit", "qiskit-aer")


# --- with noise ---

def _noisy_circuit(case, inputs, weights, written):
    one, circuit = depolarizing_error(DEPOLARIZING, 1), QuantumCircuit(case["qubits"])
    for name, qubits, slot in training_gates(case["qubits"], case["layers"]):
        angle = [] if slot is None else [inputs[slot[1]] if slot[0] == "x" else weights[slot[1:]]]
        getattr(circuit, name)(*angle, *qubits)
        for qubit in qubits if written else ():
            circuit.append(one.to_instruction(), [qubit])
    circuit.measure_all()
    return circuit


def _noise_model():
    one, model = depolarizing_error(DEPOLARIZING, 1), NoiseModel()
    model.add_all_qubit_quantum_error(one, ["rx", "ry", "rz"])
    model.add_all_qubit_quantum_error(one.tensor(one), ["cx"])
    return model


def _mean(result, n, n_circuits, shots):
    """Of <Z_k> over circuits and k."""
    total = 0
    for i in range(n_circuits):
        for key, count in result.data(i)["counts"].items():
            total += count * (n - 2 * int(key, 16).bit_count())
    return total / (n * n_circuits * shots)


def _noisy(case, arrays):
    n, batch, inputs, weights = case["qubits"], case["batch"], arrays["inputs"], arrays["weights"]
    symbols = [Parameter(f"x{q}") for q in range(n)]
    bindings = [{symbols[q]: inputs[:, q].tolist() for q in range(n)}]
    method = "density_matrix" if case["kind"] == "exact" else "statevector"
    ways = {"by list": {}, "bound": {}, "bound, not fused": {"fusion_enable": False},
            "bound, 2 qubits fused": {"fusion_max_qubit": 2, "fusion_threshold": 1}}
    if case["kind"] == "trajectories":
        ways["bound, branching"] = {"shot_branching_enable": True, "shot_branching_sampling_enable": True}
        ways["bound, parallel shots"] = {"max_parallel_experiments": 1, "max_parallel_shots": case["threads"]}
    found = {}
    for written in (False, True):
        whole = _noisy_circuit(case, symbols, weights, written)
        listed = [_noisy_circuit(case, x, weights, written) for x in inputs]
        for name, options in ways.items():
            options = {"max_parallel_experiments": case["threads"], **options}
            simulator = AerSimulator(method=method, max_parallel_threads=case["threads"],
                                     **({} if written else {"noise_model": _noise_model()}), **options)

            def run(simulator=simulator, by_list=name == "by list", listed=listed, whole=whole):
                result = (simulator.run(listed, shots=case["shots"]) if by_list
                          else simulator.run(whole, shots=case["shots"], parameter_binds=bindings)).result()
                if not result.success:
                    raise RuntimeError(result.status)
                return _mean(result, n, batch, case["shots"]), None

            found[f"{name}, noise {'written out' if written else 'by model'}"] = run
    return found


# --- without ---

def candidates(case, arrays, way):
    if case["work"] == "w4":
        return _noisy(case, arrays)
    n, layers = case["qubits"], case["layers"]
    circuit = QuantumCircuit(n)
    if case["kind"] == "qv":
        for pair, unitary in volume_gates(n, layers):
            circuit.unitary(unitary, list(pair))
    else:
        for name, qubits, slot in hea_gates(n, layers):
            getattr(circuit, name)(*([] if slot is None else [arrays["weights"][slot[1:]]]), *qubits)
    circuit.save_expectation_value(Pauli("Z"), [0])

    def forward(simulator):
        result = simulator.run(circuit, shots=1).result()
        if not result.success:
            raise RuntimeError(result.status)
        return result.data()["expectation_value"], None

    simulators = {size: AerSimulator(method="statevector", precision=case["precision"], fusion_max_qubit=size,
                                     max_parallel_threads=case["threads"], enable_truncation=case["kind"] == "cone")
                  for size in (3, 4, 5)}
    return {f"{size} qubits fused": lambda simulator=simulator: forward(simulator)
            for size, simulator in simulators.items()}
