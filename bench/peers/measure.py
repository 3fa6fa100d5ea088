"""measure.py: one case at a time: everybody made ready, answers compared, then rounds in which each has its turn.

A turn is one call that does not count, then calls for a fraction of a second. A peer whose call takes longer than that is
called once a turn, and has no further turns when it has used its time for the case; where the very call that made it ready
used it up, that is its turn. One that is foreseen to be hopeless is left out, and the results say so."""
import json
import math
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from environment import ROOT, Trouble, say
from participants import REFERENCE, Failure, bind_to, environment_of, folder_of_arrays, task_of

HERE = Path(__file__).resolve().parent
CELL_OF_CASE = ("work", "kind", "gradient", "qubits", "layers", "batch", "precision", "threads")
LARGEST_REFERENCE = 2**19  # amplitudes over the batch; above, the peers are compared with each other
CALLS_PER_TURN = 40

# Largest difference in value and in each derivative. Single: a rounding of 2^-24 in each of some hundred gates, and sums
# over up to 2^24 amplitudes in single precision inside the peers.
TOLERANCE = {"double": 1e-10, "single": 2e-5}


def tolerance_of(case):
    """Where shots are drawn: six standard errors of the mean over samples, if all <Z_k> of a sample went together."""
    return 6 / math.sqrt(case["batch"] * case["shots"]) if case["work"] == "w4" else TOLERANCE[case["precision"]]


class Limits(NamedTuple):
    rounds: int = 5
    turn_s: float = 0.4    # of calls in a turn
    case_s: float = 8.0    # of a peer's turns in a case
    slow_s: float = 40.0   # a call foreseen to take longer is not made
    first_s: float = 60.0  # a first call foreseen to take longer (compiling) is not made


def work_of(case):
    """What time grows with. Small states cost overhead first: 2^(n/2) grows as slowly as any peer there, so that nobody is
    left out unfairly."""
    exponent = case["qubits"] / 2 if case["kind"] == "train" else case["qubits"]
    return case["batch"] * case["layers"] * case["qubits"] * 2**exponent


def foresee(case, past):
    """(call, first call) in seconds from [(case, ms, first ms)], or None without any. Compiling grows with the square of the
    number of gates; a first call that compiles nothing is like any other."""
    if not past:
        return None
    other, ms, first_ms = max(past, key=lambda entry: work_of(entry[0]))
    gates = case["layers"] * case["qubits"] / (other["layers"] * other["qubits"])
    call = ms * work_of(case) / work_of(other) / 1e3
    compiling = max(0.0, first_ms - ms) * max(1.0, gates) ** 2 / 1e3
    return call, call + (compiling if first_ms > 5 * ms else 0.0)


def turn_of(times_ms):
    return [float(f"{value:.6g}") for value in (min(times_ms), statistics.median(times_ms))] + [len(times_ms)]


def difference(answer, other):
    """The largest one in value and gradient; infinite where one has a gradient of another length, or a NaN."""
    pairs = [(answer["value"], other["value"])]
    mine, theirs = answer.get("gradient"), other.get("gradient")
    if mine is not None and theirs is not None:
        if len(mine) != len(theirs):
            return float("inf")
        pairs += zip(mine, theirs)
    gaps = [abs(a - b) for a, b in pairs]
    return max(gaps) if all(gap == gap for gap in gaps) else float("inf")


class PeerTurns:
    """A peer in one case."""

    def __init__(self, peer, case, company, limits):
        self.name, self._peer, self._case, self._company, self._limits = peer.name, peer, case, company, limits
        self._process, self._spent = None, 0.0
        self.turns, self.notes, self.answer = [], {}, None

    def prepare(self, past):
        foreseen = foresee(self._case, past)
        if foreseen and (foreseen[0] > self._limits.slow_s or foreseen[1] > self._limits.first_s):
            self.notes = {"status": "skipped", "foreseen_s": round(max(foreseen), 1)}
            return
        self._process = self._company.process(self._peer, self._case)
        # Importing the peer comes on top of the first call; where several ways are tried, so do the others.
        self.answer = self._process.ask(60 + 4 * self._limits.first_s, do="prepare", case=self._case)
        self.notes = {"first_ms": round(self.answer["first_ms"], 3), "build_ms": round(self.answer["build_ms"], 3)}
        if self.answer["way"]:
            self.notes["way"] = self.answer["way"]
        if not self._peer.compiles and self.answer["call_ms"] > 1e3 * self._limits.case_s:
            self.turns, self._spent = [turn_of([self.answer["call_ms"]])], self.answer["call_ms"] / 1e3

    def take(self):
        if self.turns and self._spent > self._limits.case_s:
            return
        start = time.monotonic()
        answer = self._process.ask(60 + 10 * self._limits.slow_s, do="time", seconds=self._limits.turn_s,
                                   most=CALLS_PER_TURN)
        self._spent += time.monotonic() - start
        self.turns.append(turn_of(answer["times_ms"]))

    def release(self):
        if self._process is not None and self._process.is_alive():
            self._process.ask(60, do="release")


class QstillTurns:
    """The command in one case. Its circuit of random SU(4) is its own, so that value is not compared."""

    COPIED = ("percent_of_peak", "ns_per_sample_gate", "passes", "gb_per_s", "first_ms", "noiseless_ms", "times_noiseless",
              "ms_per_circuit")

    def __init__(self, qstill, case, folder, load):
        self.name, self._qstill, self._case, self._folder, self._load = qstill.name, qstill, case, folder, load
        self.turns, self.notes, self.answer = [], {}, None

    def prepare(self, _):
        result = self._qstill.bench(self._case, self._folder)
        if self._case["kind"] in ("qv", "training"):
            return
        train = self._case["kind"] == "train"
        self.answer = {"value": result["loss" if train else "expectation"]}
        if self._case["gradient"]:
            self.answer["gradient"] = self._load(os.path.join(self._folder, "gradient.npy"))

    def take(self):
        result = self._qstill.bench(self._case, self._folder)
        turn = turn_of([result["ms_per_step" if "ms_per_step" in result else "ms"]])
        if not self.turns or turn < min(self.turns):
            self.notes.update({key: result[key] for key in self.COPIED if key in result})
        self.turns.append(turn)

    def release(self):
        pass


def _guarded(taker, action, *arguments):
    """A peer that fails is noted, and takes part no longer; True when all went well."""
    try:
        action(*arguments)
        return "status" not in taker.notes
    except Failure as failure:
        taker.notes.update(status="failed", note=str(failure))
        say(f"  {taker.name}: {failure}")
        return False


def _compare(active, case, reference):
    """Notes on each how far its answer lies from the reference, or from the first peer's."""
    answered = [taker for taker in active if taker.answer is not None]
    if reference is None and len(answered) > 1:
        reference, against = answered[0].answer, answered[0].name
    elif reference is None:
        return
    else:
        against = "reference"
    for taker in answered:
        if taker.answer is not reference:
            error = difference(taker.answer, reference)
            taker.notes |= {"difference": float(f"{error:.2g}"), "against": against}
            if not error <= tolerance_of(case):
                taker.notes["status"] = "differs"
                say(f"  {taker.name}: differs from {against} by {error:.2g}")


def _in_double(case, peers, company, limits, history):
    """The answer in double precision, by the first peer that has one in time: what single precision is held against."""
    for peer in peers:
        foreseen = foresee(case, history.get((peer.name, task_of(case), "double"), []))
        if task_of(case) not in peer.tasks or "double" not in peer.precisions:
            continue
        if foreseen and max(foreseen) > limits.slow_s:
            continue
        double = {**case, "precision": "double"}
        try:
            process = company.process(peer, double)
            answer = process.ask(60 + 4 * limits.first_s, do="prepare", case=double)
            process.ask(60, do="release")
            return answer
        except Failure as failure:
            say(f"  {peer.name}: {failure}")
    return None


def measure(case, peers, company, qstill, limits, history, rounds=None):
    """The cells of one case. `rounds` 0 compares answers and measures nothing."""
    task, rounds = task_of(case), limits.rounds if rounds is None else rounds
    with folder_of_arrays() as folder:
        helper = company.process(REFERENCE, case)
        helper.ask(120, do="save", case=case, folder=folder)
        takers = [PeerTurns(peer, case, company, limits) for peer in peers
                  if task in peer.tasks and case["precision"] in peer.precisions]
        if qstill is not None:
            takers.append(QstillTurns(qstill, case, folder, lambda path: helper.ask(60, do="load", path=path)["values"]))
        active = [taker for taker in takers if _guarded(
            taker, taker.prepare, history.get((taker.name, task, case["precision"]), []))]
        reference = None
        if case["work"] == "w4" and case["kind"] != "training":
            reference = helper.ask(600, do="prepare", case=case)
            helper.ask(60, do="release")
        elif case["work"] != "w4" and case["batch"] * 2 ** case["qubits"] <= LARGEST_REFERENCE and (
                case["kind"] == "train" or case["qubits"] <= 12):
            reference = helper.ask(300, do="prepare", case=case)
            helper.ask(60, do="release")
        elif case["precision"] == "single" and case["kind"] != "qv":
            reference = _in_double(case, peers, company, limits, history)
        _compare(active, case, reference)
        for number in range(rounds):
            shift = number % len(active) if active else 0
            for taker in active[shift:] + active[:shift]:
                if taker.notes.get("status") != "failed":
                    _guarded(taker, taker.take)
        for taker in active:
            _guarded(taker, taker.release)
    for taker in takers:
        if taker.turns and "first_ms" in taker.notes:
            history.setdefault((taker.name, task, case["precision"]), []).append(
                (case, min(turn[0] for turn in taker.turns), taker.notes["first_ms"]))
    same = {key: case[key] for key in CELL_OF_CASE}
    return [{"record": "cell", **same, "participant": taker.name, "status": "measured", **taker.notes,
             "turns": taker.turns} for taker in takers]


# --- the whole job ---

def _wall(command, threads):
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE, env=environment_of(threads),
                          preexec_fn=bind_to(threads))
    wall = time.monotonic() - start
    if done.returncode != 0:
        raise Trouble(f"{Path(command[0]).name}: {(done.stderr.strip() or 'no message').splitlines()[-1]}")
    return 1e3 * wall, json.loads(done.stdout)


def measure_digits(case, python, program, limits):
    """Whole processes, in turn: qstill, JAX, and JAX that finds everything compiled by an earlier run."""
    script = [str(python), "-B", str(HERE / "digits_jax.py"), str(ROOT / "data/digits.csv.gz")]
    with tempfile.TemporaryDirectory(prefix="qstill-compare-") as folder:
        cache, run = os.path.join(folder, "cache"), os.path.join(folder, "run")
        commands = {"jax": script, "jax-compiled-before": [*script, cache]}
        if program is not None:
            commands["qstill"] = [str(program), "run", str(HERE / "digits_8q.yaml"), "--out", run, "--quiet", "--json",
                                  "--threads", str(case["threads"])]
        _wall(commands["jax-compiled-before"], case["threads"])
        cells = {name: {"record": "cell", **case, "participant": name, "status": "measured", "turns": []} for name in commands}
        for _ in range(limits.rounds):
            for name, command in commands.items():
                shutil.rmtree(run, ignore_errors=True)
                wall, answer = _wall(command, case["threads"])
                cells[name]["turns"].append(turn_of([wall]))
                cells[name]["accuracy"] = round(answer["teacher"]["accuracy"] if name == "qstill" else answer["accuracy"], 4)
    return list(cells.values())
