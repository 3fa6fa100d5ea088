"""The circuits of the comparison, written as OpenQASM 2 with the gates of qelib1.inc, by the standard library alone.

circuits() gives (name, family, qubits, text); the same on every machine."""
import math
import random

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'


class Circuit:
    def __init__(self, n):
        self.n, self.lines = n, [f"qreg q[{n}];"]

    def add(self, name, *qubits, angles=()):
        text = "(" + ",".join(repr(float(a)) for a in angles) + ")" if angles else ""
        self.lines.append(f"{name}{text} " + ",".join(f"q[{q}]" for q in qubits) + ";")

    def text(self):
        return HEAD + "\n".join(self.lines) + "\n"


def qft(n, swaps=True):
    c = Circuit(n)
    for j in reversed(range(n)):
        c.add("h", j)
        for k in reversed(range(j)):
            c.add("cu1", k, j, angles=[math.pi / 2 ** (j - k)])
    for j in range(n // 2 if swaps else 0):
        c.add("swap", j, n - 1 - j)
    return c


def controlled_z(c, qubits):
    """Z with all but one qubit as controls, by the gate of qelib1 of that size."""
    target = qubits[-1]
    c.add("h", target)
    c.add({2: "cx", 3: "ccx", 4: "c3x", 5: "c4x"}[len(qubits)], *qubits)
    c.add("h", target)


def grover(n, marked, rounds):
    c = Circuit(n)
    qubits = list(range(n))
    for q in qubits:
        c.add("h", q)
    for _ in range(rounds):
        for pattern in (marked, 0):
            zeros = [q for q in qubits if not pattern >> q & 1]
            if pattern == 0:
                for q in qubits:
                    c.add("h", q)
            for q in zeros:
                c.add("x", q)
            controlled_z(c, qubits)
            for q in zeros:
                c.add("x", q)
            if pattern == 0:
                for q in qubits:
                    c.add("h", q)
    return c


def grover_chain(n, marked, rounds):
    """Grover on n qubits with n - 2 helpers: a ladder of Toffoli gates up, CZ, and down."""
    c = Circuit(2 * n - 2)
    qubits, helpers = list(range(n)), list(range(n, 2 * n - 2))

    def ladder(order):
        for i in order:
            c.add("ccx", qubits[0] if i == 0 else helpers[i - 1], qubits[i + 1], helpers[i])

    for q in qubits:
        c.add("h", q)
    for _ in range(rounds):
        for pattern in (marked, 0):
            if pattern == 0:
                for q in qubits:
                    c.add("h", q)
            zeros = [q for q in qubits if not pattern >> q & 1]
            for q in zeros:
                c.add("x", q)
            ladder(range(n - 2))
            c.add("cz", helpers[-1], qubits[-1])
            ladder(reversed(range(n - 2)))
            for q in zeros:
                c.add("x", q)
            if pattern == 0:
                for q in qubits:
                    c.add("h", q)
    return c


def pairs_of(n, how, layer=0):
    if how == "full":
        return [(i, j) for i in range(n) for j in range(i + 1, n)]
    line = [(i, i + 1) for i in range(n - 1)]
    if how == "reverse_linear":
        return line[::-1]
    if how == "circular":
        return ([(n - 1, 0)] if n > 2 else []) + line
    if how == "strong":
        r = layer % (n - 1) + 1
        return [(i, (i + r) % n) for i in range(n)]
    return line


def ansatz(n, reps, how, rotations, entangler="cx", seed=1, encode=False):
    c, draw = Circuit(n), random.Random(seed)
    if encode:  # ZZ feature map, two repetitions
        x = [draw.uniform(-1, 1) for _ in range(n)]
        for _ in range(2):
            for q in range(n):
                c.add("h", q)
                c.add("u1", q, angles=[2 * x[q]])
            for i, j in pairs_of(n, "full"):
                c.add("cx", i, j)
                c.add("u1", j, angles=[2 * (math.pi - x[i]) * (math.pi - x[j])])
                c.add("cx", i, j)
    for layer in range(reps + 1):
        for gate in rotations:
            for q in range(n):
                c.add(gate, q, angles=[draw.uniform(-math.pi, math.pi)])
        if layer < reps:
            for a, b in pairs_of(n, how, layer):
                c.add(entangler, a, b, angles=[draw.uniform(-math.pi, math.pi)] if entangler in ("rzz", "crz", "crx") else ())
    return c


def random_cx(n, gates, seed):
    c, draw = Circuit(n), random.Random(seed)
    for _ in range(gates):
        if draw.random() < 0.5:
            c.add("u3", draw.randrange(n), angles=[draw.uniform(-math.pi, math.pi) for _ in range(3)])
        else:
            c.add("cx", *draw.sample(range(n), 2))
    return c


def random_mixed(n, gates, seed):
    c, draw = Circuit(n), random.Random(seed)
    for _ in range(gates):
        name = draw.choice(["h", "t", "s", "rz", "rx", "cx", "cz", "cu1", "crz", "rzz", "swap", "ccx"])
        width = {"cx": 2, "cz": 2, "cu1": 2, "crz": 2, "rzz": 2, "swap": 2, "ccx": 3}.get(name, 1)
        angles = [draw.uniform(-math.pi, math.pi)] if name in ("rz", "rx", "cu1", "crz", "rzz") else ()
        c.add(name, *draw.sample(range(n), width), angles=angles)
    return c


def volume(n, depth, seed):
    """Layers of general gates on random pairs, as three CX between local gates."""
    c, draw = Circuit(n), random.Random(seed)

    def local(q):
        c.add("u3", q, angles=[draw.uniform(-math.pi, math.pi) for _ in range(3)])

    for _ in range(depth):
        order = draw.sample(range(n), n)
        for a, b in zip(order[::2], order[1::2]):
            for i in range(4):
                local(a)
                local(b)
                if i < 3:
                    c.add("cx", *((a, b) if i != 1 else (b, a)))
    return c


def tfim(n, steps, ring):
    c = Circuit(n)
    for _ in range(steps):
        for i in range(n if ring else n - 1):
            c.add("rzz", i, (i + 1) % n, angles=[0.3])
        for q in range(n):
            c.add("rx", q, angles=[0.4])
    return c


def qaoa(n, degree, rounds, seed):
    draw = random.Random(seed)
    edges = set()
    while len(edges) < n * degree // 2:
        a, b = sorted(draw.sample(range(n), 2))
        edges.add((a, b))
    c = Circuit(n)
    for q in range(n):
        c.add("h", q)
    for r in range(rounds):
        for a, b in sorted(edges):
            c.add("rzz", a, b, angles=[0.3 + 0.2 * r])
        for q in range(n):
            c.add("rx", q, angles=[0.7 - 0.1 * r])
    return c


def adder(bits):
    """Ripple carry [cuccaro2004]: carry, b and a interleaved, carry out."""
    c = Circuit(2 * bits + 2)
    a, b = [2 * i + 2 for i in range(bits)], [2 * i + 1 for i in range(bits)]
    last = 2 * bits + 1
    carry = [0] + a
    for i in range(bits):
        c.add("cx", a[i], b[i])
        c.add("cx", a[i], carry[i])
        c.add("ccx", carry[i], b[i], a[i])
    c.add("cx", a[-1], last)
    for i in reversed(range(bits)):
        c.add("ccx", carry[i], b[i], a[i])
        c.add("cx", a[i], carry[i])
        c.add("cx", carry[i], b[i])
    return c


def circuits():
    made = []

    def put(family, name, c):
        made.append((name, family, c.n, c.text()))

    for n in (3, 4, 5, 6, 8, 10):
        put("qft", f"qft-{n}", qft(n))
    put("qft", "qft-noswap-7", qft(7, swaps=False))
    put("grover", "grover-3", grover(3, 5, 2))
    put("grover", "grover-4", grover(4, 11, 3))
    put("grover", "grover-5", grover(5, 19, 4))
    put("grover", "grover-chain-4", grover_chain(4, 6, 3))
    put("grover", "grover-chain-5", grover_chain(5, 13, 2))
    put("qnn", "real-amplitudes-5", ansatz(5, 3, "reverse_linear", ["ry"]))
    put("qnn", "real-amplitudes-full-6", ansatz(6, 3, "full", ["ry"]))
    put("qnn", "efficient-su2-circular-8", ansatz(8, 3, "circular", ["ry", "rz"]))
    put("qnn", "strongly-entangling-6", ansatz(6, 5, "strong", ["rz", "ry", "rz"]))
    put("qnn", "strongly-entangling-10", ansatz(10, 4, "strong", ["rz", "ry", "rz"]))
    put("qnn", "zz-real-amplitudes-4", ansatz(4, 2, "full", ["ry"], encode=True))
    put("qnn", "zz-efficient-su2-6", ansatz(6, 2, "circular", ["ry", "rz"], encode=True))
    put("qnn", "two-local-crz-7", ansatz(7, 2, "full", ["ry", "rz"], "crz"))
    put("qnn", "tfim-ring-9", tfim(9, 4, True))
    put("qnn", "qaoa-8", qaoa(8, 3, 2, 5))
    put("qnn", "qaoa-10", qaoa(10, 4, 1, 6))
    put("random", "random-cx-3", random_cx(3, 40, 11))
    put("random", "random-cx-5", random_cx(5, 80, 12))
    put("random", "random-cx-8", random_cx(8, 120, 13))
    put("random", "random-cx-10", random_cx(10, 200, 14))
    put("random", "random-mixed-4", random_mixed(4, 60, 15))
    put("random", "random-mixed-7", random_mixed(7, 90, 16))
    put("random", "random-mixed-10", random_mixed(10, 150, 17))
    put("random", "volume-4", volume(4, 4, 21))
    put("random", "volume-6", volume(6, 6, 22))
    put("random", "volume-8", volume(8, 8, 23))
    put("random", "volume-10", volume(10, 10, 24))
    put("random", "adder-3", adder(3))
    return made
