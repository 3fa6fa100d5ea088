"""participants.py: those who are measured, peers and qstill alike, and what it takes to ask them.

Each peer is a process of its own (worker.py) that stays alive and is stopped, by SIGSTOP to its whole group, whenever it is
not asked: idle threads of one cannot spin beside another. qstill is its command, run once a turn; it repeats and takes its
minimum by itself."""
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from environment import Trouble

HERE = Path(__file__).resolve().parent
PEERS_OF_STATES = frozenset({"hea", "hea-gradient", "qv"})


class Peer(NamedTuple):
    name: str
    module: str
    way: str
    is_library: bool
    tasks: frozenset
    precisions: frozenset
    in_processes: bool = False  # shares a training batch out to processes of one thread each
    compiles: bool = False      # its first call is not like the others


_BOTH, _DOUBLE, _SINGLE = frozenset({"double", "single"}), frozenset({"double"}), frozenset({"single"})
_ALONE, _NOISY = frozenset({"train", "trajectories"}), frozenset({"exact", "trajectories"})
_TRAIN, _CONE = frozenset({"train"}), frozenset({"cone", "cone-gradient"})

PEERS = {peer.name: peer for peer in (
    Peer("jax", "peer_jax", "unrolled", False, _TRAIN, _BOTH, compiles=True),
    Peer("jax-scan", "peer_jax", "scan", False, _TRAIN, _BOTH, compiles=True),
    Peer("tensorcircuit", "peer_tensorcircuit", "", True, _TRAIN | _CONE, _BOTH, compiles=True),
    Peer("pennylane", "peer_pennylane", "", True, _TRAIN, _BOTH, compiles=True),
    Peer("lightning", "peer_lightning", "", True, _TRAIN | PEERS_OF_STATES, _BOTH, True),
    Peer("qulacs", "peer_qulacs", "", True, _TRAIN | PEERS_OF_STATES | {"trajectories"}, _DOUBLE, True),
    Peer("mindquantum", "peer_mindquantum", "", True, _TRAIN | PEERS_OF_STATES, _BOTH, True),
    Peer("qsim", "peer_qsim", "", True, frozenset({"hea", "qv"}), _SINGLE),
    Peer("aer", "peer_aer", "", True, frozenset({"hea", "qv", "cone"}) | _NOISY, _BOTH),
)}
REFERENCE = Peer("reference", "worker", "", False, frozenset(), _BOTH)


def task_of(case):
    return case["kind"] + ("-gradient" if case["gradient"] and case["kind"] not in ("train", "training") else "")


class Failure(Exception):
    """A peer could not answer; the others go on."""


def environment_of(threads):
    """The variables that the thread pools of all peers listen to."""
    count = str(threads)
    names = ("OMP_NUM_THREADS", "QULACS_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {**os.environ, **{name: count for name in names}, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore",
            "JAX_PLATFORMS": "cpu", "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads={count}"}


def bind_to(threads):
    """A function for the new process: it, and all it starts, sees the first `threads` cores only."""
    cores = sorted(os.sched_getaffinity(0))[:threads]
    return lambda: os.sched_setaffinity(0, cores)


class PeerProcess:
    def __init__(self, peer, python, threads, one_thread_each=False):
        self.peer = peer
        self._answers = b""
        self._process = subprocess.Popen(
            [str(python), "-B", str(HERE / "worker.py"), peer.module, peer.way], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=bind_to(threads),
            env=environment_of(1 if one_thread_each else threads))

    def _signal(self, number):
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass

    def ask(self, patience_s, **request):
        """The worker's answer; whoever takes longer is ended."""
        self._signal(signal.SIGCONT)
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._read_line(time.monotonic() + patience_s)
        except BrokenPipeError:
            answer = b""
        if not answer:
            self.end()
            raise Failure(f"its process ended with code {self._process.returncode}")
        self._signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        answer = json.loads(answer)
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def _read_line(self, deadline):
        pipe = self._process.stdout
        while b"\n" not in self._answers:
            if not select.select([pipe], [], [], max(0, deadline - time.monotonic()))[0]:
                self.end()
                raise Failure("no answer in time")
            part = os.read(pipe.fileno(), 1 << 16)
            if not part:
                return b""
            self._answers += part
        line, self._answers = self._answers.split(b"\n", 1)
        return line

    def end(self):
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def is_alive(self):
        return self._process.poll() is None


class Qstill:
    """The command: `qstill bench train`, `qstill bench state` and `qstill bench noise`."""

    name = "qstill"

    def __init__(self, program, threads):
        self._program, self._threads = program, threads

    def run(self, *arguments, seconds=600, **options):
        try:
            done = subprocess.run([str(self._program), *arguments], capture_output=True, text=True, timeout=seconds,
                                  check=False, preexec_fn=bind_to(self._threads), **options)
        except OSError as error:
            raise Trouble(f"{self._program}: {error.strerror}; build it, or name it with --qstill") from error
        except subprocess.TimeoutExpired as error:
            raise Failure("no answer in time") from error
        if done.returncode != 0:
            last = (done.stderr.strip() or "no message").splitlines()[-1]
            raise Failure(f"qstill {' '.join(arguments[:2])}: exit code {done.returncode}: {last}")
        return json.loads(done.stdout)

    def info(self):
        return self.run("info", "--json")

    def check(self):
        """Fails at once, before anything is measured, where the program cannot do what is asked."""
        small = {"qubits": 2, "layers": 1, "batch": 1, "precision": "double", "threads": self._threads, "gradient": True,
                 "work": ""}
        for kind, key in (("train", "ms_per_step"), ("hea", "ms")):
            if key not in self.bench({**small, "kind": kind}):
                raise Trouble(f'{self._program}: qstill bench gives no "{key}"')

    def bench(self, case, folder=None):
        """One turn; with a folder of arrays the same numbers as the peers, the gradient left in gradient.npy there."""
        if case["work"] == "w4":
            return self.bench_noise(case, folder)
        train = case["kind"] == "train"
        command = ["bench", "train" if train else "state", "--qubits", str(case["qubits"]), "--layers", str(case["layers"]),
                   "--precision", case["precision"], "--threads", str(case["threads"]), "--json"]
        names = ("inputs", "weights", "targets") if train else ("weights",)
        if train:
            command += ["--batch", str(case["batch"])]
        else:
            command += ["--kind", "qv" if case["kind"] == "qv" else "hea", "--observable", "z0"]
            command += [] if case["kind"] == "cone" else ["--no-light-cone"]
            command += ["--gradient"] if case["gradient"] else []
        if folder and case["kind"] != "qv":
            for name in names:
                command += [f"--{name}", os.path.join(folder, f"{name}.npy")]
            command += ["--gradient-out", os.path.join(folder, "gradient.npy"), "--force"] if case["gradient"] else []
        return self.run(*command)

    def bench_noise(self, case, folder):
        command = ["bench", "noise", "--task", case["kind"], "--qubits", str(case["qubits"]), "--layers", str(case["layers"]),
                   "--batch", str(case["batch"]), "--threads", str(case["threads"]), "--json"]
        for name in ("inputs", "weights", "targets")[: 3 if case["kind"] == "training" else 2] if folder else ():
            command += [f"--{name}", os.path.join(folder, f"{name}.npy")]
        return self.run(*command)


class Company:
    """All processes of one comparison, started when first asked for."""

    def __init__(self, python, threads):
        self._python, self._threads, self._processes = python, threads, {}

    def process(self, peer, case):
        one_thread_each = peer.in_processes and case["kind"] in _ALONE
        key = peer.name, case["precision"], one_thread_each
        if key not in self._processes or not self._processes[key].is_alive():
            self._processes[key] = PeerProcess(peer, self._python, self._threads, one_thread_each)
        return self._processes[key]

    def versions(self):
        found = {}
        for process in self._processes.values():
            if process.is_alive():
                found |= process.ask(60, do="versions")["versions"]
        return dict(sorted(found.items()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._processes.values():
            process.end()


def folder_of_arrays():
    return tempfile.TemporaryDirectory(prefix="qstill-compare-")
