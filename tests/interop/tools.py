"""How each tool reads OpenQASM, and the unitary that it makes of it, q[0] the least significant bit. A reader is a function of
(text, number of qubits, parameters) that leaves measurements at the end out; one whose tool is not installed is not in the table.
A writer is a function of a random.Random that gives (text, unitary) of a circuit as the tool writes it."""
import importlib.metadata
import math
import sys

import numpy as np

READERS = {}  # {dialect: {tool: function}}
WRITERS = {}  # {tool: (function, tolerance)}
PACKAGES = ("qiskit", "qiskit-qasm3-import", "cirq-core", "pytket", "amazon-braket-default-simulator", "pennylane", "pennylane-qiskit", "numpy")


def versions():
    found = {"python": sys.version.split()[0]}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def reads(tool, *dialects):
    def register(function):
        for dialect in dialects:
            READERS.setdefault(dialect, {})[tool] = function
        return function
    return register


def writes(tool, tolerance=1e-12):
    def register(function):
        WRITERS[tool] = (function, tolerance)
        return function
    return register


def reverse_bits(matrix):
    """Rows and columns in the other order of the qubits."""
    n = round(math.log2(len(matrix)))
    order = [int(f"{i:0{n}b}"[::-1], 2) if n else 0 for i in range(len(matrix))]
    return matrix[np.ix_(order, order)]


def padded(matrix, n_qubits):
    """On n_qubits, those that a tool left out for want of gates being the highest ones."""
    return np.kron(np.eye(2**n_qubits // len(matrix)), matrix)


# --- Qiskit ---

try:
    import qiskit
    from qiskit.circuit import library
    import qiskit.qasm2
    import qiskit.qasm3
    import qiskit.quantum_info
except ImportError:
    qiskit = None

if qiskit:
    def qiskit_unitary(circuit, parameters=None):
        circuit.remove_final_measurements()
        if circuit.parameters:
            circuit = circuit.assign_parameters({symbol: parameters[symbol.name] for symbol in circuit.parameters})
        return qiskit.quantum_info.Operator(circuit).data

    @reads("Qiskit default", "qasm2")
    def qiskit_default(text, _n, _parameters):
        return qiskit_unitary(qiskit.qasm2.loads(text))

    @reads("Qiskit strict", "qasm2")
    def qiskit_strict(text, _n, _parameters):
        return qiskit_unitary(qiskit.qasm2.loads(text, strict=True))

    @reads("Qiskit legacy", "qasm2")
    def qiskit_legacy(text, _n, _parameters):
        return qiskit_unitary(qiskit.qasm2.loads(text, custom_instructions=qiskit.qasm2.LEGACY_CUSTOM_INSTRUCTIONS))

    @reads("Qiskit from_qasm_str", "qasm2")
    def qiskit_from_str(text, _n, _parameters):
        return qiskit_unitary(qiskit.QuantumCircuit.from_qasm_str(text))

    def random_qiskit(rng):
        """Every standard gate that dumps() of both languages can write."""
        circuit = qiskit.QuantumCircuit(4)
        one, two, three = (rng.sample(range(4), k) for k in (1, 2, 3))
        t = [rng.uniform(-12, 12) for _ in range(4)]
        steps = [lambda: circuit.h(one), lambda: circuit.sx(one), lambda: circuit.sxdg(one), lambda: circuit.rx(t[0], one),
                 lambda: circuit.ry(t[1], one), lambda: circuit.rz(t[2], one), lambda: circuit.p(t[3], one),
                 lambda: circuit.u(*t[:3], *one), lambda: circuit.cx(*two), lambda: circuit.cy(*two), lambda: circuit.cz(*two),
                 lambda: circuit.ch(*two), lambda: circuit.csx(*two), lambda: circuit.swap(*two), lambda: circuit.iswap(*two),
                 lambda: circuit.ecr(*two), lambda: circuit.rxx(t[0], *two), lambda: circuit.ryy(t[1], *two),
                 lambda: circuit.rzz(t[2], *two), lambda: circuit.rzx(t[3], *two), lambda: circuit.crx(t[0], *two),
                 lambda: circuit.cry(t[1], *two), lambda: circuit.crz(t[2], *two), lambda: circuit.cp(t[3], *two),
                 lambda: circuit.cu(*t, *two), lambda: circuit.ccx(*three), lambda: circuit.cswap(*three), lambda: circuit.rccx(*three),
                 lambda: circuit.mcx([0, 1, 2], 3), lambda: circuit.r(t[0], t[1], one), lambda: circuit.t(one), lambda: circuit.sdg(one),
                 lambda: circuit.append(library.XXPlusYYGate(t[0], t[1]), two)]
        for step in rng.sample(steps, 12):
            step()
        return circuit

    @writes("Qiskit qasm2.dumps")
    def qiskit_dumps2(rng):
        circuit = random_qiskit(rng)
        return qiskit.qasm2.dumps(circuit), qiskit_unitary(circuit)

    @writes("Qiskit qasm3.dumps")
    def qiskit_dumps3(rng):
        circuit = random_qiskit(rng)
        circuit.global_phase = rng.uniform(-3, 3)
        return qiskit.qasm3.dumps(circuit), qiskit_unitary(circuit)

    try:
        importlib.metadata.version("qiskit-qasm3-import")

        @reads("Qiskit qasm3", "qasm3", "standalone", "qasm3-free", "standalone-free")
        def qiskit_qasm3(text, _n, parameters):
            return qiskit_unitary(qiskit.qasm3.loads(text), parameters)
    except importlib.metadata.PackageNotFoundError:
        pass

# --- Cirq ---

try:
    import cirq
    from cirq.contrib.qasm_import import circuit_from_qasm
except ImportError:
    cirq = None

if cirq:
    @reads("Cirq", "qasm2", "qasm3")
    def cirq_unitary(text, n_qubits, _parameters):
        circuit = cirq.drop_terminal_measurements(circuit_from_qasm(text))
        qubits = [cirq.NamedQubit(f"q_{i}") for i in range(n_qubits)]
        return circuit.unitary(qubit_order=qubits[::-1], qubits_that_should_be_present=qubits)

    def random_cirq(rng, plain=False):
        """plain: what it writes without sxdg, which OpenQASM 3 has not."""
        qubits = cirq.LineQubit.range(4)
        t = [rng.uniform(-2, 2) for _ in range(4)]
        gates = [cirq.H, cirq.X**t[0], cirq.Y**t[1], cirq.Z**t[2], cirq.rx(t[0]), cirq.ry(t[1]), cirq.rz(t[2]), cirq.S, cirq.T**-1,
                 cirq.X**0.5, cirq.CNOT, cirq.CZ, cirq.CZ**t[3], cirq.SWAP, cirq.ISWAP, cirq.ISWAP**t[0], cirq.CCX, cirq.CSWAP, cirq.CCZ,
                 cirq.PhasedXPowGate(phase_exponent=t[1], exponent=t[2]), cirq.XX**t[0], cirq.ZZ**t[1], cirq.CNOT**t[2]]
        if plain:
            gates = [cirq.H, cirq.rx(t[0]), cirq.ry(t[1]), cirq.rz(t[2]), cirq.S, cirq.T, cirq.CNOT, cirq.CZ, cirq.SWAP, cirq.CCX, cirq.CSWAP, cirq.Y]
        return cirq.Circuit(gate(*rng.sample(qubits, cirq.num_qubits(gate))) for gate in rng.sample(gates, 12)), qubits

    @writes("Cirq to_qasm", 1e-8)  # it writes ten digits
    def cirq_writes(rng):
        circuit, qubits = random_cirq(rng)
        circuit = cirq.Circuit([cirq.I(qubit) for qubit in qubits]) + circuit
        return circuit.to_qasm(qubit_order=qubits), circuit.unitary(qubit_order=qubits[::-1])

    @writes("Cirq to_qasm 3.0", 1e-8)
    def cirq_writes3(rng):
        circuit, qubits = random_cirq(rng, plain=True)
        circuit = cirq.Circuit([cirq.I(qubit) for qubit in qubits]) + circuit
        return circuit.to_qasm(qubit_order=qubits, version="3.0"), circuit.unitary(qubit_order=qubits[::-1])

# --- pytket ---

try:
    import pytket
    import pytket.passes
    import pytket.qasm
except ImportError:
    pytket = None

if pytket:
    @reads("pytket", "qasm2")
    def pytket_unitary(text, n_qubits, _parameters):
        circuit = pytket.qasm.circuit_from_qasm_str(text)
        pytket.passes.RemoveBarriers().apply(circuit)
        bare = pytket.Circuit()
        for qubit in circuit.qubits:
            bare.add_qubit(qubit)
        bare.add_phase(circuit.phase)
        for command in circuit.get_commands():
            if command.op.type != pytket.OpType.Measure:
                bare.add_gate(command.op, command.qubits)
        return reverse_bits(bare.get_unitary())

    @writes("pytket circuit_to_qasm_str")
    def pytket_writes(rng):
        circuit = pytket.Circuit(4)
        t = [rng.uniform(-4, 4) for _ in range(4)]
        op = pytket.OpType
        steps = [(op.H, [], 1), (op.SX, [], 1), (op.SXdg, [], 1), (op.Rx, t[:1], 1), (op.Ry, t[1:2], 1), (op.Rz, t[2:3], 1), (op.U3, t[:3], 1),
                 (op.U1, t[:1], 1), (op.U2, t[:2], 1), (op.CX, [], 2), (op.CY, [], 2), (op.CZ, [], 2), (op.CH, [], 2), (op.SWAP, [], 2),
                 (op.CRx, t[:1], 2), (op.CRy, t[1:2], 2), (op.CRz, t[2:3], 2), (op.CU1, t[:1], 2), (op.CU3, t[:3], 2), (op.XXPhase, t[:1], 2),
                 (op.ZZPhase, t[1:2], 2), (op.CCX, [], 3), (op.CSWAP, [], 3), (op.T, [], 1), (op.Sdg, [], 1), (op.CSX, [], 2), (op.ECR, [], 2),
                 (op.TK1, t[:3], 1)]
        for kind, angles, width in rng.sample(steps, 12):
            circuit.add_gate(kind, angles, rng.sample(range(4), width))
        return pytket.qasm.circuit_to_qasm_str(circuit, header="qelib1", maxwidth=64), reverse_bits(circuit.get_unitary())

# --- Braket ---

try:
    from braket.default_simulator.openqasm.interpreter import Interpreter
except ImportError:
    Interpreter = None

if Interpreter:
    @reads("Braket", "standalone", "standalone-free")
    def braket_unitary(text, n_qubits, parameters):
        """The product of the instructions' matrices: its state-vector simulator loses some controlled phases (README.md)."""
        out = np.eye(2**n_qubits, dtype=complex).reshape((2,) * n_qubits + (-1,))
        for step in Interpreter().build_circuit(text, inputs=parameters).instructions:
            n_controls = len(step.control_state)
            where = [slice(None)] * n_qubits
            for qubit, bit in zip(step.targets[:n_controls], step.control_state):
                where[qubit] = slice(bit, bit + 1)
            targets = step.targets[n_controls:]
            part = np.moveaxis(out[tuple(where)], targets, range(len(targets)))
            part = (step.matrix @ part.reshape(len(step.matrix), -1)).reshape(part.shape)
            out[tuple(where)] = np.moveaxis(part, range(len(targets)), targets)
        return reverse_bits(out.reshape(2**n_qubits, 2**n_qubits))

# --- PennyLane ---

try:
    import pennylane
    import pennylane_qiskit
except ImportError:
    pennylane = None

if pennylane:
    READERS, WRITERS = {}, {}  # this environment's Qiskit is not the one that is asked

    @reads("PennyLane", "qasm2")
    def pennylane_unitary(text, n_qubits, _parameters):
        circuit = pennylane.from_qasm(text, measurements=[])
        return pennylane.matrix(lambda: circuit(wires=range(n_qubits)) and None, wire_order=list(reversed(range(n_qubits))))()

    @writes("PennyLane to_openqasm")
    def pennylane_writes(rng):
        t = [rng.uniform(-12, 12) for _ in range(4)]
        qml = pennylane
        steps = [(qml.Hadamard, [], 1), (qml.SX, [], 1), (qml.RX, t[:1], 1), (qml.RY, t[1:2], 1), (qml.RZ, t[2:3], 1), (qml.PhaseShift, t[3:], 1),
                 (qml.Rot, t[:3], 1), (qml.U3, t[:3], 1), (qml.U2, t[:2], 1), (qml.CNOT, [], 2), (qml.CZ, [], 2), (qml.CY, [], 2), (qml.CH, [], 2),
                 (qml.SWAP, [], 2), (qml.ISWAP, [], 2), (qml.CRX, t[:1], 2), (qml.CRY, t[1:2], 2), (qml.CRZ, t[2:3], 2), (qml.CRot, t[:3], 2),
                 (qml.ControlledPhaseShift, t[:1], 2), (qml.IsingXX, t[:1], 2), (qml.IsingYY, t[1:2], 2), (qml.IsingZZ, t[2:3], 2),
                 (qml.Toffoli, [], 3), (qml.CSWAP, [], 3), (qml.ECR, [], 2)]
        drawn = [qml.Identity(w) for w in range(4)]
        drawn += [gate(*angles, wires=rng.sample(range(4), width)) for gate, angles, width in rng.sample(steps, 12)]
        tape = qml.tape.QuantumScript(drawn, [])
        text = qml.to_openqasm(tape, wires=list(range(4)), measure_all=False)
        return text, qml.matrix(tape, wire_order=[3, 2, 1, 0])
