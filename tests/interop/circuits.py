"""The circuits that the other tools are asked about, as files in a folder: random ones over all gates of gates.def with
controls, inverses and definitions, in the JSON form of circuits, and the algorithms. For each of them qstill writes every
dialect and its own unitary. Standard library only."""
import json
import math
import random
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIALECTS = {"qasm2": ("--to", "qasm2"), "qasm3": ("--to", "qasm3"), "standalone": ("--to", "qasm3", "--flavour", "standalone")}
ALGORITHMS = ("qft --qubits 4", "qft --qubits 3 --no-swaps", "iqft --qubits 4", "grover --qubits 4 --marked 1010", "ghz --qubits 5",
              "grover --qubits 3 --marked 001,110", "qpe --qubits 4 --phase 0.3125", "qpe --qubits 3 --phase 0.1", "bv --secret 10110",
              "tfim --qubits 4 --steps 3", "tfim --qubits 4 --steps 2 --order 1 --periodic --field 0.7 --time 2")


def gates():
    """[(name, qubits, angles)] of include/qstill/gates.def."""
    text = (ROOT / "include/qstill/gates.def").read_text(encoding="utf-8")
    return [(name, int(n_qubits), int(n_angles)) for name, n_qubits, n_angles in re.findall(r"^QST_GATE\((\w+), (\d), (\d),", text, re.M)]


GATES = gates()
ODD_ANGLES = (0.0, -0.0, math.pi, -math.pi, math.pi / 2, 2 * math.pi, -4 * math.pi, 1e-7, -1e-16, 5e-324, 1e6, 99.5)


class Drawing:
    """Random parts of circuits; gates come up in turn, in an order that is shuffled each time."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.turn = []

    def angle(self, is_alone=True):
        if is_alone and self.random.random() < 0.15:
            return self.random.choice(ODD_ANGLES)
        return self.random.uniform(-4 * math.pi, 4 * math.pi)

    def gate(self, n_qubits):
        if not any(gate[1] <= n_qubits for gate in self.turn):
            self.turn += self.random.sample(GATES, len(GATES))
        gate = next(gate for gate in self.turn if gate[1] <= n_qubits)
        self.turn.remove(gate)
        return gate

    def instruction(self, n_qubits, modifiers, angles=None):
        """One gate; angles: what they may be in a body."""
        name, width, n_angles = self.gate(n_qubits)
        out = {"gate": name}
        most = min(n_qubits - width, 2)
        controls = self.random.randint(1, most) if modifiers and most > 0 and self.random.random() < 0.3 else 0
        if n_angles:
            out["angles"] = [self.random.choice(angles) if angles else self.angle(n_angles == 1) for _ in range(n_angles)]
        if controls:
            out["controls"] = controls
        if modifiers and self.random.random() < 0.3:
            out["inverse"] = True
        out["qubits"] = self.random.sample(range(n_qubits), width + controls)
        return out

    def circuit(self, n_qubits, n_gates, modifiers, definitions, measured, parameters):
        """qstill-assembly/1. The registers are two when there are two qubits; a definition has a gate's name but not its qubits."""
        first = self.random.randint(1, n_qubits - 1) if n_qubits > 1 else 1
        out = {"format": "qstill-assembly/1", "qubits": [["q", first]] + ([["Second", n_qubits - first]] if n_qubits > 1 else [])}
        if measured:
            out["bits"] = [["out", n_qubits]]
        if parameters:
            out["parameters"] = ["θ[0]", "w"]
        inputs = ["$0 2 /", "$1 1.5 -", "$0 $1 +", "$0 -0.25 *"]
        if definitions and n_qubits > 1:
            body = ["$0 2 /", "$0 $1 -", "$1 neg 3 +", "$0 sin", 0.5]
            out["definitions"] = [{"name": name, "qubits": ["a", "b"], "angles": ["s", "t"],
                                   "body": [self.instruction(2, modifiers, body) for _ in range(3)]} for name in ("my gate", "rzz")]
        out["instructions"] = []
        for _ in range(n_gates):
            if definitions and n_qubits > 1 and self.random.random() < 0.3:
                out["instructions"].append({"call": self.random.choice(("my gate", "rzz")), "qubits": self.random.sample(range(n_qubits), 2),
                                            "angles": [self.angle(False), self.angle(False)]})
            else:
                out["instructions"].append(self.instruction(n_qubits, modifiers, inputs if parameters and self.random.random() < 0.5 else None))
        if measured:
            out["instructions"] += [{"measure": q, "bit": q} for q in range(n_qubits)]
        return out


PARAMETERS = {"θ[0]": 0.8125, "w": -1.4375}


def random_circuits(n, seed):
    """{name: circuit}: a third plain, a third with controls and inverses, a third with definitions; every fourth is measured, and
    every fifth has free parameters."""
    drawing = Drawing(seed)
    return {f"random{i:03}": drawing.circuit(n_qubits=1 + i % 5, n_gates=10 if i % 3 == 0 else 6, modifiers=i % 3 > 0, definitions=i % 3 == 2,
                                             measured=i % 4 == 0, parameters=i % 5 == 3) for i in range(n)}


class Program:
    def __init__(self, path):
        self.path = path

    def run(self, *arguments):
        done = subprocess.run([self.path, *map(str, arguments), "--quiet"], capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, arguments))}: exit code {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()


def make(program, folder, n_random, seed):
    """Writes NAME.<dialect>.qasm and NAME.npy of all circuits; NAME.free.qasm of those with free parameters. Returns their names."""
    names = []
    for name, circuit in random_circuits(n_random, seed).items():
        source = folder / f"{name}.json"
        source.write_text(json.dumps(circuit, ensure_ascii=False), encoding="utf-8")
        names.append(name)
    for i, command in enumerate(ALGORITHMS):
        name = f"{command.split()[0]}{i:02}"
        program.run("circuit", "algorithm", *command.split(), "--to", "json", "--out", folder / f"{name}.json")
        names.append(name)
    for name in names:
        source = folder / f"{name}.json"
        is_free = bool(json.loads(source.read_text(encoding="utf-8")).get("parameters"))
        bind = [word for item in PARAMETERS.items() for word in ("--bind", "{}={!r}".format(*item))] if is_free else []
        program.run("circuit", "simulate", source, "--unitary", folder / f"{name}.npy", *bind)
        for dialect, options in DIALECTS.items():
            program.run("circuit", "convert", source, *options, "--out", folder / f"{name}.{dialect}.qasm", *bind)
            if is_free and dialect != "qasm2":
                program.run("circuit", "convert", source, *options, "--out", folder / f"{name}.{dialect}-free.qasm")
    return names
