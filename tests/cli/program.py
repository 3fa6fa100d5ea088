"""program.py: runs the qstill program and reads and writes the small files that its tests need. Standard library only.

QSTILL_PROGRAM names the program, QSTILL_SOURCE the source tree (both set by CTest).
"""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ["QSTILL_PROGRAM"]
SOURCE = Path(os.environ["QSTILL_SOURCE"])
MEMORY = "/dev/shm"

# Kept from the caller: where to find things, and how the sanitizers behave. Nothing else may matter.
KEPT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "QSTILL_DATA", "QSTILL_ISA", "QSTILL_OPENVINO")


def environment(**changes):
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    kept.update(LANG="C.UTF-8")
    kept.update({name: value for name, value in changes.items() if value is not None})
    return {name: value for name, value in kept.items() if changes.get(name, "") is not None}


def restore_signals():
    """A test runner in the background hands SIGINT down as ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def make_folder():
    """An empty folder. In memory where there is room: the program flushes what it writes, which takes a disk most of a test's
    time."""
    try:
        room = os.statvfs(MEMORY)
        fits = room.f_bavail * room.f_frsize >= 2**30 and os.access(MEMORY, os.W_OK)
    except OSError:
        fits = False
    return Path(tempfile.mkdtemp(prefix="qstill-cli-", dir=MEMORY if fits and "TMPDIR" not in os.environ else None))


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)


class ProgramTest(unittest.TestCase):
    """Each test has an empty folder of its own, self.folder, and runs the program there."""

    def setUp(self):
        self.folder = make_folder()
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def qstill(self, *arguments, code=0, stdin=b"", env=None, timeout=300):
        """Runs to the end; the exit code must be `code`, and a failure says exactly one line."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, capture_output=True, cwd=self.folder,
                              env=env or environment(), timeout=timeout, preexec_fn=restore_signals)
        result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
        self.assertEqual(result.code, code, f"{' '.join(map(str, arguments))[:300]}\n{result.err[-2000:]}")
        if code not in (0, 1):
            self.assert_one_message(result.err)
        return result

    def start(self, *arguments, **options):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, env=environment(),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=restore_signals, **options)

    def refused(self, code, message, *arguments, **options):
        """The program refuses with `code`; its one message matches; nothing is written to stdout."""
        result = self.qstill(*arguments, code=code, **options)
        self.assertRegex(result.err, message)
        self.assertEqual(result.out, "")
        return result

    def assert_one_message(self, err):
        """The last line is `qstill: ...`; all others are warnings, notices or progress."""
        self.assertTrue(err.endswith("\n"), err)
        lines = err[:-1].split("\n")
        self.assertTrue(lines[-1].startswith("qstill: "), err[-2000:])
        self.assertLessEqual(len(lines[-1].encode()), 1100)
        for line in lines[:-1]:
            self.assertRegex(line, r"^(qstill: warning: |qstill: [^:]+: training from shots |\s*\d+ %  )", err[-2000:])

    def assert_no_leftovers(self, *allowed):
        """Nothing but `allowed` lies in the folder: no partial output, no temporary file."""
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), sorted(allowed))

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content)
        return path

    # --- arrays ---

    def write_npy(self, name, rows, kind="<f8"):
        """rows: a list of numbers (1-D), or of lists (2-D)."""
        two = bool(rows) and isinstance(rows[0], (list, tuple))
        shape = (len(rows), len(rows[0])) if two else (len(rows),)
        values = [v for row in rows for v in row] if two else rows
        code = {"<f8": "d", "<f4": "f", "<i8": "q", "<i4": "i"}[kind]
        return self.write(name, npy_header(kind, shape) + struct.pack(f"<{len(values)}{code}", *values))

    def read_npy(self, name):
        return read_npy(self.folder / name)


def npy_header(kind, shape):
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape!r}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def read_npy(path):
    """An f64 array in C order, as a list of lists (2-D)."""
    data = Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    length = struct.unpack("<H", data[8:10])[0]
    header = data[10:10 + length].decode()
    assert "'descr': '<f8'" in header and "'fortran_order': False" in header, header
    n_rows, n_cols = map(int, re.search(r"'shape': \((\d+), (\d+)\)", header).groups())
    values = struct.unpack(f"<{n_rows * n_cols}d", data[10 + length:])
    return [list(values[r * n_cols:(r + 1) * n_cols]) for r in range(n_rows)]


# --- a small classification task: three clouds of points around distinct centres ---

CLASSES = ("ant", "bee", "cat")
CENTRES = ((0.0, 0.0, 1.0, 0.0), (2.5, 0.5, 0.0, 1.0), (0.5, 2.5, -1.0, 2.0))


def cloud_rows(n_rows=120):
    """[(features, class name)], by a linear congruential generator: the same everywhere."""
    state, rows = 12345, []
    for row in range(n_rows):
        kind = row % len(CLASSES)
        features = []
        for centre in CENTRES[kind]:
            noise = 0.0
            for _ in range(4):
                state = (1103515245 * state + 12345) % 2**31
                noise += state / 2**31 - 0.5
            features.append(round(centre + noise, 6))
        rows.append((features, CLASSES[kind]))
    return rows


def cloud_csv(labels=True):
    names = ["a", "b", "c", "d"] + (["label"] if labels else [])
    lines = [",".join(names)]
    for features, kind in cloud_rows():
        lines.append(",".join(list(map(repr, features)) + ([kind] if labels else [])))
    return "\n".join(lines) + "\n"


RECIPE = """\
name: clouds
seed: 3
seeds: 2
data:
  source: clouds.csv
  test: 0.3
  validation: 0.2
  preprocess: [standardize, {scale: 0.5}]
teacher:
  model: circuit
  qubits: 3
  layers: 2
  outputs: [z, zz]
  train: {learning_rate: 0.05, batch: 16, epochs: 6}
student:
  model: circuit
  qubits: 2
  layers: 2
  train: {learning_rate: 0.05, batch: 16, epochs: 6}
distill: {loss: kd, temperature: [1, 2], alpha: [0.5]}
"""


def timeless(value):
    """A report without its objects time_s and machine."""
    if isinstance(value, dict):
        return {key: timeless(inner) for key, inner in value.items() if key not in ("time_s", "machine")}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


class CloudTest(ProgramTest):
    """A folder with clouds.csv (labelled), raw.csv (features only) and recipe.yaml."""

    def setUp(self):
        super().setUp()
        self.write("clouds.csv", cloud_csv())
        self.write("raw.csv", cloud_csv(labels=False))
        self.write("recipe.yaml", RECIPE)

    def artefacts(self, folder):
        """{relative path: bytes} of all models below a folder."""
        root = self.folder / folder
        names = ("model.json", "model.safetensors")
        found = {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.name in names}
        self.assertTrue(found, f"no models in {folder}")
        return found

    def everything(self, folder):
        """{relative path: bytes} of all files of a run folder; of the report what depends on neither time nor machine."""
        root = self.folder / folder
        found = {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
        found["report.json"] = timeless(json.loads(found["report.json"]))
        return found

    def assert_same_run(self, folder, other):
        """The same files with the same bytes."""
        mine, theirs = self.everything(folder), self.everything(other)
        self.assertEqual(sorted(mine), sorted(theirs))
        self.assertEqual([], [name for name in mine if mine[name] != theirs[name]])


def main():
    unittest.main(verbosity=2)
