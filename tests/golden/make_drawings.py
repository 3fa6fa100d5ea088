"""Drawings of circuits by Qiskit and PennyLane: python make_drawings.py qiskit|pennylane > part.json, then
python make_drawings.py join qiskit.json pennylane.json > drawings.json

The circuits are written by hand or drawn at random from a fixed seed, handed to the tools as OpenQASM, and drawn by their
own text drawers. What is in the file is said in README.md beside this one. The tools want environments of their own.
"""

import json
import math
import platform
import random
import sys

RNG = random.Random(20261121)

# name: (qubits, angles) of what OpenQASM 2 has under Qiskit's legacy rules
OF_QASM2 = {
    "u3": (1, 3), "u2": (1, 2), "u1": (1, 1), "cx": (2, 0), "id": (1, 0), "x": (1, 0), "y": (1, 0), "z": (1, 0),
    "h": (1, 0), "s": (1, 0), "sdg": (1, 0), "t": (1, 0), "tdg": (1, 0), "rx": (1, 1), "ry": (1, 1), "rz": (1, 1),
    "cz": (2, 0), "cy": (2, 0), "ch": (2, 0), "ccx": (3, 0), "crz": (2, 1), "cu1": (2, 1), "cu3": (2, 3), "u": (1, 3),
    "p": (1, 1), "sx": (1, 0), "sxdg": (1, 0), "swap": (2, 0), "cswap": (3, 0), "crx": (2, 1), "cry": (2, 1),
    "cp": (2, 1), "csx": (2, 0), "cu": (2, 4), "rxx": (2, 1), "rzz": (2, 1), "rccx": (3, 0), "rc3x": (4, 0),
    "c3x": (4, 0), "c3sqrtx": (4, 0), "c4x": (5, 0), "u0": (1, 1),
}
# what OpenQASM 3 has in stdgates.inc, for modifiers
OF_QASM3 = ["x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "p", "cx", "cz", "cy", "ch", "cp", "crx",
            "cry", "crz", "swap", "ccx", "cswap", "cu"]
NUMBERS = [0, 1, -1, 2.5, 1e-7, 1e-12, 123456.789, 0.1, math.pi, -math.pi, 2 * math.pi, math.pi / 2, -3 * math.pi / 4,
           97 * math.pi / 98, 100 * math.pi, 1 / math.pi, -7 / (3 * math.pi), math.pi**2, -(math.pi**3), 1e10, 1e-5,
           0.333333333, 5 * math.pi / 7, 1.5707963, 3.14159, 98 * math.pi / 99, 99 * math.pi / 98, 99 / math.pi]


def number():
    kind = RNG.randrange(4)
    if kind == 0:
        return RNG.choice(NUMBERS)
    if kind == 1:
        return RNG.randint(-12, 12) * math.pi / RNG.choice([1, 2, 3, 4, 6, 8, 16, 32])
    return RNG.uniform(-7, 7)


def angles(n):
    return [number() for _ in range(n)]


# --- circuits as OpenQASM -------------------------------------------------------------------------------------------


def wires(registers):
    return [f"{name}[{i}]" for name, size in registers for i in range(size)]


def call(step):
    text = step["do"]
    if step.get("angles"):
        text += "(" + ",".join(repr(float(a)) for a in step["angles"]) + ")"
    return text


def as_qasm2(circuit):
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";']
    for d in circuit.get("definitions", []):
        names = ",".join("abcdefghijkl"[: d["qubits"]])
        values = "(" + ",".join("tuv"[: d["angles"]]) + ")" if d["angles"] else ""
        lines.append(f"gate {d['name']}{values} {names} {{}}")
    lines += [f"qreg {n}[{s}];" for n, s in circuit["qubits"]] + [f"creg {n}[{s}];" for n, s in circuit.get("bits", [])]
    qubits, bits = wires(circuit["qubits"]), wires(circuit.get("bits", []))
    for step in circuit["instructions"]:
        on = ",".join(qubits[q] for q in step["qubits"])
        head = f"if({circuit['bits'][step['if'][0]][0]}=={step['if'][1]}) " if "if" in step else ""
        tail = f" -> {bits[step['bit']]}" if step["do"] == "measure" else ""
        lines.append(f"{head}{call(step)} {on}{tail};")
    return "\n".join(lines)


def as_qasm3(circuit):
    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";']
    for d in circuit.get("definitions", []):
        names = ",".join("abcdefghijkl"[: d["qubits"]])
        values = "(" + ",".join("tuv"[: d["angles"]]) + ")" if d["angles"] else ""
        body = "".join(f"h {q};" for q in names.split(","))
        lines.append(f"gate {d['name']}{values} {names} {{{body}}}")
    lines += [f"qubit[{s}] {n};" for n, s in circuit["qubits"]]
    lines += [f"bit[{s}] {n};" for n, s in circuit.get("bits", [])]
    qubits, bits = wires(circuit["qubits"]), wires(circuit.get("bits", []))
    for step in circuit["instructions"]:
        on = ",".join(qubits[q] for q in step["qubits"])
        head = f"ctrl({step['controls']}) @ " if step.get("controls") else ""
        head += "inv @ " if step.get("inverse") else ""
        if step["do"] == "measure":
            lines.append(f"{bits[step['bit']]} = measure {on};")
        else:
            lines.append(f"{head}{call(step)} {on};")
    return "\n".join(lines)


# --- circuits -------------------------------------------------------------------------------------------------------


def steps(*items):
    return [dict(zip(("do", "qubits", "angles"), item)) for item in items]


def by_hand():
    yield "one Hadamard", {"qubits": [["q", 1]], "instructions": steps(("h", [0]))}
    yield "nothing", {"qubits": [["q", 2]], "instructions": []}
    yield "bits alone", {"qubits": [["q", 1]], "bits": [["c", 3]], "instructions": []}
    yield "Bell", {"qubits": [["q", 2]], "bits": [["c", 2]],
                   "instructions": steps(("h", [0]), ("cx", [0, 1]))
                   + [{"do": "measure", "qubits": [q], "bit": q} for q in range(2)]}
    for name, (n, m) in OF_QASM2.items():
        yield name, {"qubits": [["q", n]], "instructions": [
            {"do": name, "qubits": list(range(n)), "angles": [(1 if name == "u0" else 0.25) * (a + 1) for a in range(m)]}]}
        if n > 1:
            order = list(range(n))[::-1]
            yield name + " upside down", {"qubits": [["q", n + 1]], "instructions": [
                {"do": name, "qubits": order[:1] + [n] + order[2:], "angles": [math.pi / (a + 2) for a in range(m)]}]}
    for x in NUMBERS:
        yield f"number {x!r}", {"qubits": [["q", 1]], "instructions": steps(("rx", [0], [x]), ("ry", [0], [-x]))}
    yield "wide numbers", {
        "qubits": [["q", 12]], "bits": [["c", 12]],
        "instructions": [{"do": "measure", "qubits": [q], "bit": 11 - q} for q in range(12)]}
    yield "many qubits in a box", {
        "qubits": [["q", 12]], "definitions": [{"name": "wide_One", "qubits": 12, "angles": 0}],
        "instructions": steps(("wide_One", [3, 1, 4, 0, 5, 9, 2, 6, 8, 7, 11, 10]))}
    yield "definitions with known names", {
        "qubits": [["q", 3]], "definitions": [{"name": n, "qubits": q, "angles": a} for n, q, a in [
            ("swap", 2, 0), ("cp", 2, 1), ("sx", 1, 0), ("iswap", 2, 0), ("ryy", 2, 1), ("ecr", 2, 0)]],
        "instructions": steps(("swap", [0, 2]), ("cp", [1, 0], [1]), ("sx", [1]), ("iswap", [1, 2]),
                              ("ryy", [0, 1], [2]), ("ecr", [2, 1]))}
    yield "measured in the first column", {
        "qubits": [["q", 6]], "bits": [["c", 1]],
        "instructions": steps(("cx", [0, 2]), ("h", [1]), ("h", [4]))
        + [{"do": "measure", "qubits": [q], "bit": 0} for q in (3, 5)]}
    yield "measured again", {
        "qubits": [["q", 3]], "bits": [["c", 2]],
        "instructions": [{"do": "measure", "qubits": [q], "bit": b} for q, b in [(2, 0), (0, 0), (1, 1), (1, 0)]]}


def random_circuit(n_steps, gates, with_conditions):
    sizes = RNG.choice([[1], [2], [3], [4], [5], [2, 1], [1, 1, 2], [6], [3, 4]])
    circuit = {"qubits": [["qrs"[i] if len(sizes) < 3 else "alpha beta c".split()[i], s] for i, s in enumerate(sizes)]}
    n = sum(sizes)
    bit_sizes = RNG.choice([[], [2], [1], [3, 1], [12]])
    circuit["bits"] = [[["c", "meas"][i], s] for i, s in enumerate(bit_sizes)]
    if len(sizes) == 3 and bit_sizes:
        circuit["bits"][0][0] = "out"
    circuit["definitions"] = [{"name": name, "qubits": q, "angles": a}
                              for name, q, a in [("foo", 2, 0), ("my_Gate", 3, 2), ("one", 1, 1), ("g", 2, 1),
                                                 ("ab", 4, 0), ("abc", 5, 0)]]
    own = {d["name"]: (d["qubits"], d["angles"]) for d in circuit["definitions"]}
    circuit["instructions"] = []
    while len(circuit["instructions"]) < n_steps:
        kind = RNG.randrange(20)
        if kind == 0 and bit_sizes:
            step = {"do": "measure", "qubits": [RNG.randrange(n)], "bit": RNG.randrange(sum(bit_sizes))}
        elif kind == 1:
            step = {"do": "reset", "qubits": [RNG.randrange(n)]}
        elif kind == 2:
            step = {"do": "barrier", "qubits": sorted(RNG.sample(range(n), RNG.randint(1, n)))}
        else:
            table = own if kind in (3, 4, 5) else OF_QASM2
            name = RNG.choice(list(table) if table is own else gates)
            size, n_angles = table[name]
            if size > n:
                continue
            step = {"do": name, "qubits": RNG.sample(range(n), size), "angles": [RNG.randrange(9)] if name == "u0" else angles(n_angles)}
        if with_conditions and bit_sizes and step["do"] != "barrier" and RNG.randrange(6) == 0:
            which = RNG.randrange(len(bit_sizes))
            step["if"] = [which, RNG.randrange(2 ** bit_sizes[which])]
        circuit["instructions"].append(step)
    return circuit


def with_modifiers(n_steps):
    circuit = random_circuit(n_steps, OF_QASM3, False)
    n = sum(s for _, s in circuit["qubits"])
    for step in circuit["instructions"]:
        if step["do"] in ("measure", "reset", "barrier"):
            continue
        if RNG.randrange(2) and not (step["do"] in ("cu", "rccx")):
            step["inverse"] = True
        spare = [q for q in range(n) if q not in step["qubits"]]
        k = RNG.randint(0, min(2, len(spare)))
        if k and step["do"] not in ("cu",):
            step["controls"] = k
            step["qubits"] = RNG.sample(spare, k) + step["qubits"]
    return circuit


# --- the tools ------------------------------------------------------------------------------------------------------


def of_qiskit():
    from qiskit import qasm2, qasm3

    cases = [(name, c, 2) for name, c in by_hand()]
    everything = list(OF_QASM2)
    cases += [(f"random {i}", random_circuit(RNG.randint(1, 25), everything, False), 2) for i in range(160)]
    cases += [(f"with conditions {i}", random_circuit(RNG.randint(1, 12), everything, True), 2) for i in range(80)]
    cases += [(f"with modifiers {i}", with_modifiers(RNG.randint(1, 12)), 3) for i in range(80)]
    for name, circuit, version in cases:
        fold = RNG.choice([0, 80, 80, 60, 100, 40])
        if version == 2:
            drawn = qasm2.loads(as_qasm2(circuit), custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
        else:
            drawn = qasm3.loads(as_qasm3(circuit))
        text = str(drawn.draw(output="text", fold=fold or -1))
        yield {"name": name, "style": "qiskit", "fold": fold, "of_qasm2": version == 2, "circuit": circuit,
               "text": text}


def of_pennylane():
    import pennylane as qml

    plain = {"x": qml.X, "y": qml.Y, "z": qml.Z, "h": qml.Hadamard, "s": qml.S, "t": qml.T, "sx": qml.SX, "rx": qml.RX,
             "ry": qml.RY, "rz": qml.RZ, "p": qml.PhaseShift, "u1": qml.U1, "u2": qml.U2, "u3": qml.U3, "u": qml.U3,
             "cx": qml.CNOT, "cz": qml.CZ, "cy": qml.CY, "ch": qml.CH, "swap": qml.SWAP, "cswap": qml.CSWAP,
             "ccx": qml.Toffoli, "crx": qml.CRX, "cry": qml.CRY, "crz": qml.CRZ, "cp": qml.ControlledPhaseShift,
             "rxx": qml.IsingXX, "rzz": qml.IsingZZ, "ryy": qml.IsingYY, "iswap": qml.ISWAP, "ecr": qml.ECR}
    dagger = {"sdg": qml.S, "tdg": qml.T, "sxdg": qml.SX}
    sizes = {name: OF_QASM2[name] for name in plain if name in OF_QASM2} | {name: OF_QASM2[name] for name in dagger}
    sizes |= {"ryy": (2, 1), "iswap": (2, 0), "ecr": (2, 0), "c3x": (4, 0), "c4x": (5, 0), "barrier": (0, 0)}

    def operation(step):
        name, on = step["do"], step["qubits"]
        if name in dagger:
            return qml.adjoint(dagger[name](on[0]))
        if name in ("c3x", "c4x"):
            return qml.MultiControlledX(on)
        if name == "barrier":
            return qml.Barrier(on)
        if name == "measure":
            return qml.ops.MidMeasure(on)
        return plain[name](*step.get("angles", []), wires=on)

    for i in range(80):
        n = RNG.choice([1, 2, 3, 4, 5, 11])
        instructions = []
        while len(instructions) < 25 * (i % 8 + 1) // 8:
            name = RNG.choice(list(sizes))
            size, n_angles = sizes[name]
            if size > n:
                continue
            instructions.append({"do": name, "qubits": RNG.sample(range(n), size or RNG.randint(1, n)),
                                 "angles": [RNG.uniform(-7, 7) for _ in range(n_angles)]})
        instructions += [{"do": "measure", "qubits": [q], "bit": q} for q in range(n) if i % 3 == 0]
        circuit = {"qubits": [["q", n]], "bits": [["c", n]], "instructions": instructions}
        fold = RNG.choice([0, 80, 100, 60])
        tape = qml.tape.QuantumScript([operation(step) for step in instructions], [])
        text = qml.drawer.tape_text(tape, wire_order=list(range(n)), show_all_wires=True, decimals=2,
                                    max_length=fold or 10**9)
        yield {"name": f"pennylane {i}", "style": "pennylane", "fold": fold, "circuit": circuit, "text": text}


def main():
    what = sys.argv[1]
    if what == "join":
        parts = [json.load(open(path, encoding="utf-8")) for path in sys.argv[2:]]
        document = {"tools": {}, "drawings": []}
        for part in parts:
            document["tools"].update(part["tools"])
            document["drawings"] += part["drawings"]
    else:
        package = __import__(what)
        drawings = list({"qiskit": of_qiskit, "pennylane": of_pennylane}[what]())
        document = {"tools": {what: package.__version__, "python": platform.python_version()}, "drawings": drawings}
    json.dump(document, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
