"""`qstill bench` against circuits simulated here, one amplitude at a time: values, gradients, keys, refusals. No time is
compared with anything."""
import math
import random
import signal
import struct
import subprocess
import time

import program
from program import ProgramTest, environment

TRAIN_KEYS = {"ms_per_step", "ns_per_sample_gate", "percent_of_peak", "qubits", "layers", "batch", "precision",
              "threads", "loss"}
MORE_TRAIN_KEYS = TRAIN_KEYS | {"isa", "peak_gflops", "first_ms", "ms_median", "repetitions"}
TOLERANCE = {"double": 1e-12, "single": 2e-5}


# --- a simulator: states are lists of 2^n complex numbers, qubit q is bit q of the index ---

def turn(state, axes, angle, qubits):
    """exp(-i angle P / 2) for the product P of Paulis, axes[i] on qubits[i]: "y", "xx"."""
    mask = sum(1 << q for axis, q in zip(axes, qubits) if axis != "z")
    out = [math.cos(angle / 2) * a for a in state]
    for p, amplitude in enumerate(state):
        for axis, q in zip(axes, qubits):
            sign = 1 - 2 * (p >> q & 1)
            amplitude *= {"x": 1, "y": 1j * sign, "z": sign}[axis]
        out[p ^ mask] -= 1j * math.sin(angle / 2) * amplitude
    return out


def flip(state, control, target):
    return [state[p ^ (p >> control & 1) << target] for p in range(len(state))]


def phase(state, first, second):
    return [-a if p >> first & p >> second & 1 else a for p, a in enumerate(state)]


def run(n, gates):
    state = [0j] * 2**n
    state[0] = 1
    for name, angle, qubits in gates:
        if name == "cx":
            state = flip(state, *qubits)
        elif name == "cz":
            state = phase(state, *qubits)
        else:
            state = turn(state, name, angle, qubits)
    return state


def values_of(state, n):
    """<Z_q> for each q."""
    return [sum((1 - 2 * (p >> q & 1)) * abs(a)**2 for p, a in enumerate(state)) for q in range(n)]


def train_gates(n, x, t):
    gates = []
    for layer in t:
        gates += [("y", x[q], (q,)) for q in range(n)]
        for q in range(n):
            gates += [("x", layer[q][0], (q,)), ("y", layer[q][1], (q,)), ("z", layer[q][2], (q,))]
        if n > 1:
            gates += [("cx", 0, (q, (q + 1) % n)) for q in range(n)]
    return gates


def shifted(gates, place, by):
    name, angle, qubits = gates[place]
    return gates[:place] + [(name, angle + by, qubits)] + gates[place + 1:]


def gradient_of(n, gates, places, function):
    """dL/dangle at the gates of `places`, by the parameter-shift rule; L is `function` of the state, linear in the
    projector on it."""
    return [0.5 * (function(run(n, shifted(gates, p, math.pi / 2))) - function(run(n, shifted(gates, p, -math.pi / 2))))
            for p in places]


def train_reference(x, t, y):
    """(loss, gradient by layers, qubits and angles as one list)."""
    n, n_values = len(x[0]), len(x) * len(x[0])
    loss, total = 0, [0.0] * (len(t) * n * 3)
    for row, target in zip(x, y):
        gates = train_gates(n, row, t)
        out = values_of(run(n, gates), n)
        loss += sum((a - b)**2 for a, b in zip(out, target)) / n_values
        weights = [2 * (a - b) / n_values for a, b in zip(out, target)]
        per_layer = 4 * n + (n if n > 1 else 0)
        places = [layer * per_layer + n + 3 * q + j for layer in range(len(t)) for q in range(n) for j in range(3)]
        for i, g in enumerate(gradient_of(n, gates, places,
                                          lambda s: sum(w * v for w, v in zip(weights, values_of(s, n))))):
            total[i] += g
    return loss, total


def uniform(rng, *shape):
    if len(shape) == 1:
        return [rng.uniform(-3, 3) for _ in range(shape[0])]
    return [uniform(rng, *shape[1:]) for _ in range(shape[0])]


def flat(rows):
    return [v for row in rows for v in flat(row)] if isinstance(rows, list) else [rows]


class BenchTest(ProgramTest):
    def bench(self, *arguments, **options):
        return self.qstill("bench", *arguments, "--seconds", "0.001", "--json", **options).json

    def write_tensor(self, name, rows, shape):
        values = flat(rows)
        return self.write(name, program.npy_header("<f8", tuple(shape)) + struct.pack(f"<{len(values)}d", *values))

    def read_tensor(self, name, shape):
        """The values of an f64 array in C order that has exactly this shape."""
        data = (self.folder / name).read_bytes()
        length = struct.unpack("<H", data[8:10])[0]
        header = data[10:10 + length].decode()
        self.assertIn(f"'shape': {tuple(shape)!r}", header)
        self.assertIn("'descr': '<f8', 'fortran_order': False", header)
        return list(struct.unpack(f"<{math.prod(shape)}d", data[10 + length:]))

    def assert_all_close(self, values, right, tolerance):
        self.assertEqual(len(values), len(right))
        for value, expected in zip(values, right):
            self.assertAlmostEqual(value, expected, delta=tolerance)


class Train(BenchTest):
    def check_case(self, n, layers, batch, precision, *options, env=None):
        rng = random.Random(1000 * n + 10 * batch + layers)
        x, t, y = uniform(rng, batch, n), uniform(rng, layers, n, 3), uniform(rng, batch, n)
        loss, gradient = train_reference(x, t, y)
        self.write_tensor("x.npy", x, (batch, n))
        self.write_tensor("t.npy", t, (layers, n, 3))
        self.write_tensor("y.npy", y, (batch, n))
        row = self.bench("train", "--qubits", n, "--layers", layers, "--batch", batch, "--precision", precision,
                         "--inputs", "x.npy", "--weights", "t.npy", "--targets", "y.npy", "--gradient-out", "g.npy",
                         "--force", *options, env=env)
        tolerance = TOLERANCE[precision]
        self.assertAlmostEqual(row["loss"], loss, delta=tolerance * max(1, loss))
        self.assert_all_close(self.read_tensor("g.npy", (layers, n, 3)), gradient, tolerance)
        return row

    def test_loss_and_gradient(self):
        for n in range(1, 6):
            for precision in ("double", "single"):
                with self.subTest(n=n, precision=precision):
                    self.check_case(n, 2, 3, precision)

    def test_every_remainder_of_the_batch(self):
        for batch in range(1, 18):
            for precision in ("double", "single"):
                with self.subTest(batch=batch, precision=precision):
                    self.check_case(2, 1, batch, precision)

    def test_more_samples_than_a_block(self):
        for precision in ("double", "single"):
            self.check_case(2, 1, 35, precision)

    def test_optimisation_off_and_other_kernels(self):
        for options in (["--optimize", "off"], ["--no-light-cone"], ["--optimize", "all", "--threads", "1"]):
            with self.subTest(options=options):
                self.check_case(3, 2, 5, "double", *options)
        for isa in ("baseline", "avx2"):
            with self.subTest(isa=isa):
                row = self.check_case(3, 2, 5, "double", env=environment(QSTILL_ISA=isa))
                self.assertIn(row["isa"], (isa, "avx512", "avx2", "baseline"))

    def test_the_gradient_has_the_same_bits_for_any_number_of_threads(self):
        files = []
        for threads in (1, 2, 5):
            self.bench("train", "--qubits", 4, "--layers", 2, "--batch", 50, "--threads", threads, "--gradient-out",
                       "g.npy", "--force")
            files.append((self.folder / "g.npy").read_bytes())
        self.assertEqual(files[0], files[1])
        self.assertEqual(files[0], files[2])

    def test_keys(self):
        row = self.bench("train", "--qubits", 3, "--layers", 2, "--batch", 5, "--precision", "single", "--threads", 2)
        self.assertEqual(set(row), MORE_TRAIN_KEYS)
        self.assertEqual((row["qubits"], row["layers"], row["batch"], row["precision"], row["threads"]),
                         (3, 2, 5, "single", 2))
        self.assertIn(row["isa"], ("baseline", "avx2", "avx512"))
        for key in ("ms_per_step", "ns_per_sample_gate", "percent_of_peak", "peak_gflops", "first_ms", "ms_median"):
            self.assertGreater(row[key], 0, key)
        self.assertLessEqual(row["ms_per_step"], row["ms_median"])
        self.assertGreaterEqual(row["repetitions"], 3)
        self.assertAlmostEqual(row["ns_per_sample_gate"], row["ms_per_step"] * 1e6 / (5 * 3 * 2 * 5), delta=1e-9)
        nominal = (22 - 16 / 2) * 3 * 2**3 * 2 * 5
        self.assertAlmostEqual(row["percent_of_peak"],
                               100 * 2 * nominal / (row["ms_per_step"] * 1e6) / row["peak_gflops"], delta=1e-9)

    def test_one_size_is_an_object_and_several_are_an_array(self):
        row = self.bench("train")
        self.assertEqual((row["qubits"], row["layers"], row["batch"], row["precision"]), (8, 4, 512, "double"))
        rows = self.bench("train", "--qubits", "1,3", "--layers", "1,2", "--batch", "2,4")
        self.assertEqual([(r["qubits"], r["layers"], r["batch"]) for r in rows],
                         [(n, layers, batch) for n in (1, 3) for layers in (1, 2) for batch in (2, 4)])

    def test_page(self):
        text = self.qstill("bench", "train", "--qubits", "2,3", "--batch", 4, "--seconds", "0.001").out
        lines = text.splitlines()
        self.assertRegex(lines[0], r"^(baseline|avx2|avx512), \d+ threads?; ")
        self.assertRegex(lines[1], r"^  double  [\d.]+ GF/s; ")
        self.assertEqual(lines[3].split()[:4], ["train", "qubits", "layers", "batch"])
        self.assertEqual([line.split()[:4] for line in lines[4:]],
                         [["double", "2", "4", "4"], ["double", "3", "4", "4"]])
        self.assertLessEqual(max(map(len, lines)), 100)

    def test_random_data_are_the_same_every_time(self):
        rows = [self.bench("train", "--qubits", 3, "--batch", 20)["loss"] for _ in range(2)]
        self.assertEqual(*rows)
        state, arrays = 7 + 3000 + 40, []
        for number, (low, high, shape) in enumerate([(-math.pi, math.pi, (20, 3)), (-math.pi, math.pi, (4, 3, 3)),
                                                     (-1, 1, (20, 3))]):
            values = splitmix(state + number, math.prod(shape))
            arrays.append(reshape([low + (high - low) * v for v in values], shape))
        self.assertAlmostEqual(rows[0], train_reference(arrays[0], arrays[1], arrays[2])[0], delta=1e-12)

    def test_csv_and_npz_and_flat_weights(self):
        self.write("t.csv", "0.1,0.2,0.3,0.4,0.5,0.6\n")
        self.write_tensor("t.npy", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], (1, 2, 3))
        size = ["--qubits", 2, "--layers", 1, "--batch", 3]
        right = self.bench("train", *size, "--weights", "t.npy", "--gradient-out", "g.csv")
        self.assertEqual(self.bench("train", *size, "--weights", "t.csv")["loss"], right["loss"])
        rows = [line.split(",") for line in (self.folder / "g.csv").read_text().splitlines()]
        self.assertEqual([len(row) for row in rows], [6])

    def test_sizes_that_are_not_said_come_from_the_files(self):
        self.write_tensor("x.npy", [0.5] * 12, (4, 3))
        self.write_tensor("t.npy", [0.25] * 18, (2, 3, 3))
        row = self.bench("train", "--inputs", "x.npy", "--weights", "t.npy")
        self.assertEqual((row["qubits"], row["layers"], row["batch"]), (3, 2, 4))

    def test_refused(self):
        self.write_tensor("x.npy", [0.5] * 12, (4, 3))
        self.write_tensor("t.npy", [0.25] * 18, (2, 3, 3))
        self.write_tensor("bad.npy", [0.5] * 11 + [math.nan], (4, 3))
        size = ["--qubits", "3", "--layers", "2", "--batch", "4"]
        for code, message, arguments in [
                (5, r"--inputs: x\.npy is \(4, 3\), but \(5, 3\) is needed",
                 ["--qubits", "3", "--batch", "5", "--inputs", "x.npy"]),
                (5, r"--inputs: x\.npy is \(4, 3\), but \(4, 2\) is needed",
                 ["--qubits", "2", "--batch", "4", "--inputs", "x.npy"]),
                (5, r"--weights: t\.npy is \(2, 3, 3\), but \(3, 3, 3\) is needed",
                 ["--qubits", "3", "--layers", "3", "--weights", "t.npy"]),
                (5, r"--targets: t\.npy is \(2, 3, 3\), but \(4, 3\) is needed", [*size, "--targets", "t.npy"]),
                (3, r"bad\.npy: .* is NaN", [*size, "--inputs", "bad.npy"]),
                (7, r"none\.npy", [*size, "--inputs", "none.npy"]),
                (7, r"x\.npy: exists already", [*size, "--gradient-out", "x.npy"]),
                (2, r"is also an input", [*size, "--inputs", "x.npy", "--gradient-out", "x.npy", "--force"]),
                (2, r"--gradient-out: g\.txt does not end in", [*size, "--gradient-out", "g.txt"]),
                (2, r"cannot both read standard input", [*size, "--inputs", "-", "--targets", "-"]),
                (7, r"nowhere", [*size, "--gradient-out", "nowhere/g.npy"])]:
            for form in ([], ["--json"]):
                with self.subTest(arguments=arguments, form=form):
                    self.refused(code, message, "bench", "train", *arguments, *form, "--seconds", "0.001")
        self.assert_no_leftovers("x.npy", "t.npy", "bad.npy")

    def test_too_large_is_refused(self):
        self.refused(8, r"bytes", "bench", "train", "--qubits", "30", "--batch", "64")


def splitmix_step(state):
    """(next state, number), as docs/benchmarks.md has them."""
    mask = 2**64 - 1
    state = (state + 0x9E3779B97F4A7C15) & mask
    z = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
    return state, z ^ z >> 31


def splitmix(state, n):
    """n numbers in [0, 1)."""
    out = []
    for _ in range(n):
        state, number = splitmix_step(state)
        out.append((number >> 11) / 2**53)
    return out


def reshape(values, shape):
    if len(shape) == 1:
        return list(values)
    step = len(values) // shape[0]
    return [reshape(values[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])]


# --- wide states, here narrow ones ---

def hea_gates(n, weights):
    """(gates, where the weights are)"""
    gates, places = [], []
    for layer in weights:
        for q in range(n):
            places += [len(gates), len(gates) + 1]
            gates += [("y", layer[q][0], (q,)), ("z", layer[q][1], (q,))]
        gates += [("cz", 0, (q, q + 1)) for q in range(n - 1)]
    return gates, places


def u3(qubit, angles):
    """theta, phi, lambda: the order in which they are applied, and their places in it."""
    theta, phi, lam = angles
    return [("z", lam, (qubit,)), ("y", theta, (qubit,)), ("z", phi, (qubit,))], [1, 2, 0]


def qv_gates(n, weights):
    order, state, gates, places = list(range(n)), 11 + 1000 * n, [], []
    for layer in weights:
        for i in range(n - 1, 0, -1):
            state, number = splitmix_step(state)
            order[i], order[number % (i + 1)] = order[number % (i + 1)], order[i]
        for pair, w in enumerate(layer):
            a, b = order[2 * pair], order[2 * pair + 1]
            for part in (w[:9], w[9:]):
                for qubit, angles in ((a, part[:3]), (b, part[3:6])):
                    some, at = u3(qubit, angles)
                    places += [len(gates) + p for p in at]
                    gates += some
                for axes, angle in zip(("xx", "yy", "zz"), part[6:]):
                    places.append(len(gates))
                    gates.append((axes, angle, (a, b)))
    return gates, places


STATE_KEYS = {"ms", "ms_per_gate", "passes", "gb_per_s", "expectation"}
MORE_STATE_KEYS = STATE_KEYS | {"kind", "qubits", "qubits_simulated", "layers", "observable", "gradient", "precision",
                                "threads", "isa", "percent_of_bandwidth", "percent_of_peak", "bytes", "state_bytes",
                                "first_ms", "ms_median", "repetitions"}


class State(BenchTest):
    def check_case(self, kind, n, layers, observable, precision, *options):
        units, angles, gates_by = {"hea": (n, 2, hea_gates), "qv": (n // 2, 15, qv_gates)}[kind]
        weights = uniform(random.Random(n + 10 * layers), layers, units, angles)
        gates, places = gates_by(n, weights)

        def function(state):
            values = values_of(state, n)
            return sum(values) if observable == "zsum" else values[0]

        self.write_tensor("w.npy", weights, (layers, units, angles))
        row = self.bench("state", "--kind", kind, "--qubits", n, "--layers", layers, "--observable", observable,
                         "--precision", precision, "--weights", "w.npy", "--gradient", "--gradient-out", "g.npy",
                         "--force", *options)
        tolerance = n * TOLERANCE[precision]
        self.assertAlmostEqual(row["expectation"], function(run(n, gates)), delta=tolerance)
        self.assert_all_close(self.read_tensor("g.npy", (layers, units, angles)),
                              gradient_of(n, gates, places, function), tolerance)
        return row

    def test_hea(self):
        for n in range(1, 7):
            for observable, precision in (("zsum", "double"), ("z0", "double"), ("zsum", "single")):
                with self.subTest(n=n, observable=observable, precision=precision):
                    self.check_case("hea", n, 2, observable, precision)

    def test_qv(self):
        for n in (2, 3, 5):
            for observable in ("z0", "zsum"):
                with self.subTest(n=n, observable=observable):
                    self.check_case("qv", n, 2, observable, "double")

    def test_light_cone_and_optimisation_off(self):
        for options in (["--no-light-cone"], ["--optimize", "off"]):
            with self.subTest(options=options):
                row = self.check_case("hea", 5, 1, "z0", "double", *options)
                self.assertEqual(row["qubits_simulated"], 5)
        self.assertLess(self.check_case("hea", 5, 1, "z0", "double")["qubits_simulated"], 5)

    def test_forward_is_the_same_expectation(self):
        for kind in ("hea", "qv"):
            rows = [self.bench("state", "--kind", kind, "--qubits", 4, *more) for more in ([], ["--gradient"])]
            self.assertAlmostEqual(rows[0]["expectation"], rows[1]["expectation"], delta=1e-12)
            self.assertEqual([row["gradient"] for row in rows], [False, True])

    def test_keys(self):
        row = self.bench("state", "--qubits", 6, "--layers", 3, "--observable", "zsum", "--threads", 2)
        self.assertEqual(set(row), MORE_STATE_KEYS)
        self.assertEqual((row["kind"], row["qubits"], row["layers"], row["observable"], row["precision"]),
                         ("hea", 6, 3, "zsum", "double"))
        self.assertAlmostEqual(row["ms_per_gate"], row["ms"] / (3 * (3 * 6 - 1)), delta=1e-12)
        self.assertAlmostEqual(row["gb_per_s"], row["bytes"] / row["ms"] * 1e-6, delta=1e-9 * row["gb_per_s"])
        self.assertGreaterEqual(row["passes"], 1)
        for key in ("ms", "first_ms", "ms_median", "gb_per_s", "percent_of_bandwidth", "percent_of_peak", "bytes"):
            self.assertGreater(row[key], 0, key)
        row = self.bench("state", "--kind", "qv", "--qubits", 5, "--layers", 2)
        self.assertAlmostEqual(row["ms_per_gate"], row["ms"] / 4, delta=1e-12)

    def test_page(self):
        text = self.qstill("bench", "state", "--qubits", "2,3", "--gradient", "--seconds", "0.001").out
        lines = text.splitlines()
        self.assertEqual(lines[3].split()[:4], ["state", "kind", "obs", "what"])
        self.assertEqual([line.split()[:6] for line in lines[4:]],
                         [["double", "hea", "z0", "gradient", n, "4"] for n in "23"])
        self.assertLessEqual(max(map(len, lines)), 110)

    def test_sizes_that_are_not_said_come_from_the_weights(self):
        self.write_tensor("w.npy", [0.5] * 12, (2, 3, 2))
        self.write_tensor("v.npy", [0.5] * 60, (2, 2, 15))
        for row, sizes in ((self.bench("state", "--weights", "w.npy"), (3, 2)),
                           (self.bench("state", "--kind", "qv", "--weights", "v.npy"), (4, 2))):
            self.assertEqual((row["qubits"], row["layers"]), sizes)

    def test_refused(self):
        self.write_tensor("w.npy", [0.5] * 12, (2, 3, 2))
        for code, message, arguments in [
                (2, r"--gradient-out: bench state needs --gradient", ["--qubits", "3", "--gradient-out", "g.npy"]),
                (2, r"--qubits: qv needs pairs: at least 2", ["--kind", "qv", "--qubits", "1"]),
                (5, r"--weights: w\.npy is \(2, 3, 2\), but \(2, 4, 2\) is needed",
                 ["--qubits", "4", "--layers", "2", "--weights", "w.npy"]),
                (5, r"is needed", ["--qubits", "6", "--kind", "qv", "--weights", "w.npy"])]:
            with self.subTest(arguments=arguments):
                self.refused(code, message, "bench", "state", *arguments)
        self.assert_no_leftovers("w.npy")


class Whole(BenchTest):
    def test_e2e(self):
        row = self.bench("e2e", "--threads", 2)
        self.assertEqual(set(row), {"s", "start_s", "data_s", "train_s", "test_s", "accuracy", "qubits", "layers",
                                    "batch", "epochs", "precision", "threads", "isa", "s_median", "repetitions"})
        self.assertGreater(row["accuracy"], 0.6)
        self.assertLess(row["accuracy"], 1)
        self.assertGreaterEqual(row["s"] + 1e-9, row["start_s"] + row["train_s"])

    def test_the_temporary_folder_is_removed(self):
        temporary = self.folder / "tmp"
        temporary.mkdir()
        self.bench("e2e", env=environment(TMPDIR=str(temporary)))
        self.assertEqual(list(temporary.iterdir()), [])
        self.refused(7, r"nowhere/qstill-bench-\w+: a temporary folder cannot be made", "bench", "e2e",
                     env=environment(TMPDIR=str(self.folder / "nowhere")))

    def test_network(self):
        rows = self.bench("network", "--batch", "16,24", "--threads", 2)
        self.assertEqual([(row["network"], row["batch"]) for row in rows],
                         [("mlp", 16), ("mlp", 24), ("cnn", 16), ("cnn", 24)])
        for row in rows:
            self.assertEqual(set(row), {"network", "ms_per_step", "ms_median", "samples_per_s", "batch", "weights",
                                        "precision", "threads", "loss", "isa", "repetitions"})
            self.assertEqual(row["weights"], {"mlp": 235146, "cnn": 206922}[row["network"]])
            self.assertEqual(row["precision"], "single")
            self.assertLess(row["loss"], 2.5)

    def test_an_interrupt_stops_it_and_leaves_nothing(self):
        for kind in ("e2e", "train", "state"):
            temporary = self.folder / kind
            temporary.mkdir()
            process = subprocess.Popen([program.PROGRAM, "bench", kind, "--seconds", "300"], cwd=self.folder,
                                       env=environment(TMPDIR=str(temporary)), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, preexec_fn=program.restore_signals)
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 130, err)
            self.assertEqual(list(temporary.iterdir()), [])


class Noise(BenchTest):
    def test_tasks(self):
        """Every answer near the circuit's own, with what depolarizing leaves of it."""
        rows = self.bench("noise", "--qubits", "3", "--batch", "400", "--threads", 2)
        self.assertEqual([row["task"] for row in rows], ["exact", "trajectories", "training"])
        same = {"task", "ms_median", "qubits", "layers", "batch", "depolarizing", "threads", "isa", "repetitions"}
        self.assertEqual(set(rows[0]), same | {"ms", "ms_per_circuit", "shots", "expectation"})
        self.assertEqual(set(rows[1]), same | {"ms", "ms_per_circuit", "trajectories", "expectation"})
        self.assertEqual(set(rows[2]), same | {"ms_per_step", "noiseless_ms", "times_noiseless", "loss"})
        self.assertLess(abs(rows[0]["expectation"] - rows[1]["expectation"]), 0.01)
        self.assertTrue(0 < rows[2]["loss"] < 2)

    def test_arrays(self):
        """One qubit, one layer, by hand: each rotation leaves 1 - p of the Bloch vector."""
        x, t = 0.3, (0.4, -1.1, 0.7)
        self.write_tensor("x.npy", [[x]] * 500, (500, 1))
        self.write_tensor("t.npy", [[list(t)]], (1, 1, 3))
        state = run(1, train_gates(1, [x], [[t]]))
        expected = values_of(state, 1)[0] * 0.99**4
        files = ("--inputs", "x.npy", "--weights", "t.npy")
        exact = self.bench("noise", "--task", "exact", *files)
        self.assertEqual((exact["qubits"], exact["layers"], exact["batch"]), (1, 1, 500))
        self.assertLess(abs(exact["expectation"] - expected), 5 / math.sqrt(500 * 1000))
        drawn = self.bench("noise", "--task", "trajectories", *files)
        self.assertLess(abs(drawn["expectation"] - expected), 5 / math.sqrt(500 * 1000))
        self.bench("noise", "--task", "training", *files, "--gradient-out", "g.npy")
        self.read_tensor("g.npy", (1, 1, 3))
        self.refused(2, "say --task as well", "bench", "noise", *files)


class Words(BenchTest):
    def test_refused(self):
        for message, arguments in [
                (r'there is no kind "shots" \(train, state, e2e, network, noise\)', ["shots"]),
                (r"--task: name the kind, as in `qstill bench noise", ["--task", "exact"]),
                (r"--task: bench train does not take it", ["train", "--task", "exact"]),
                (r"--task: exat is none of exact", ["noise", "--task", "exat"]),
                (r"--precision: bench noise does not take it", ["noise", "--precision", "single"]),
                (r"--inputs: only with one number each", ["noise", "--qubits", "2,3", "--inputs", "x.npy"]),
                (r"--targets: of bench noise only with --task training", ["noise", "--task", "exact", "--targets", "y.npy"]),
                (r"--gradient-out: of bench noise only with --task training", ["noise", "--gradient-out", "g.npy"]),
                (r'there is no kind "trian" .*did you mean train\?', ["trian"]),
                (r'"state" is one argument too many', ["train", "state"]),
                (r'--qubits: "0" is not a whole number in 1\.\.30', ["train", "--qubits", "0"]),
                (r'--qubits: "31" is not a whole number in 1\.\.30', ["train", "--qubits", "4,31"]),
                (r'--qubits: "" is not a whole number', ["train", "--qubits", "4,"]),
                (r'--qubits: "" is not a whole number', ["train", "--qubits", ",4"]),
                (r'--qubits: " 5" is not a whole number', ["train", "--qubits", "4, 5"]),
                (r'--layers: "-1" is not a whole number in 1\.\.1000000', ["train", "--layers", "-1"]),
                (r'--layers: "9{40}" is not a whole number', ["train", "--layers", "9" * 40]),
                (r'--batch: "1e3" is not a whole number', ["train", "--batch", "1e3"]),
                (r"--batch: more than 16 numbers", ["train", "--batch", ",".join(["1"] * 17)]),
                (r"--precision: half is neither double nor single", ["train", "--precision", "half"]),
                (r"--precision: doubl is neither", ["train", "--precision", "doubl"]),
                (r"--optimize: some is neither all nor off", ["train", "--optimize", "some"]),
                (r"--seconds: 0 is not a number of seconds > 0", ["train", "--seconds", "0"]),
                (r"--seconds: nan is not a number of seconds", ["train", "--seconds", "nan"]),
                (r"--seconds: 3601 is not a number of seconds > 0, at most 3600", ["train", "--seconds", "3601"]),
                (r"--weights: only with one number each", ["train", "--qubits", "2,3", "--weights", "t.npy"]),
                (r"--gradient-out: only with one number each", ["train", "--batch", "2,3", "--gradient-out", "g.npy"]),
                (r"--inputs: name the kind, as in `qstill bench train", ["--inputs", "x.npy"]),
                (r"--kind: name the kind, as in `qstill bench state", ["--kind", "qv"]),
                (r"--kind: bench train does not take it", ["train", "--kind", "qv"]),
                (r"--batch: bench state does not take it", ["state", "--batch", "8"]),
                (r"--qubits: bench e2e does not take it", ["e2e", "--qubits", "8"]),
                (r"--kind: qx is neither hea nor qv", ["state", "--kind", "qx"]),
                (r"--observable: z1 is neither z0 nor zsum", ["state", "--observable", "z1"]),
                (r"--gradient-out: name the kind", ["--gradient-out", "g.npy"])]:
            with self.subTest(arguments=" ".join(arguments)[:80]):
                self.refused(2, message, "bench", *arguments)
        self.assert_no_leftovers()


if __name__ == "__main__":
    program.main()
