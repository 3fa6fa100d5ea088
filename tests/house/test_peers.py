"""The comparison with other simulators (bench/peers), without any of them: options, forecasts, comparing answers, turns, ratios and
tables; and RESULTS.md says what the raw results say."""
import contextlib
import io
import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from source_tree import ROOT

sys.path.insert(0, str(ROOT / "bench/peers"))
import compare  # noqa: E402
import goals  # noqa: E402
import measure  # noqa: E402
import participants  # noqa: E402
import results  # noqa: E402
from environment import Trouble, say  # noqa: E402

CASE = {"work": "w1", "kind": "train", "gradient": True, "qubits": 8, "layers": 4, "batch": 64, "precision": "double", "threads": 2}

# A worker that needs no peer: what it does is chosen by the name of the module that it is asked for.
FAKE_WORKER = """#!/usr/bin/env python3
import json, sys, time
name = sys.argv[3]
for line in sys.stdin:
    request = json.loads(line)
    if name == "dies":
        sys.exit(3)
    if name == "sleeps":
        time.sleep(30)
    answer = {"prepare": {"build_ms": 1, "first_ms": 2, "call_ms": 9e3 if name == "long" else 2, "way": "", "value": 0.5, "gradient": [1.0, 2.0]},
              "time": {"times_ms": [3.0, 1.0, 2.0]}}.get(request["do"], {})
    if name == "wrong" and request["do"] == "prepare":
        answer["gradient"][1] += 1e-9
    print(json.dumps({"error": "no such gate"} if name == "refuses" else answer), flush=True)
"""

FAKE_QSTILL = """#!/usr/bin/env python3
import json, sys
arguments = sys.argv[1:]
if "{mode}" == "fails":
    sys.exit("qstill: one line about it")
with open(arguments[arguments.index("--gradient-out") + 1], "w") as out:
    json.dump([1.0, 2.0], out)
print(json.dumps({{"ms_per_step": 0.25, "loss": 0.5, "percent_of_peak": 41.0}}))
"""


def cell(participant, *fastest, case=CASE, status="measured", run="A", **more):
    return {"record": "cell", **case, "participant": participant, "status": status, "run": run,
            "turns": [[ms, 2 * ms, 5] for ms in fastest], **more}


def run(name):
    return {"record": "run", "run": name, "versions": {"jax": "1.2"}, "rounds": 5, "command": "compare", "qstill": None,
            "machine": {"cpu": "C", "model": "1", "cores": 2, "isa": "AVX2", "l1d": "1", "l2": "2", "memory_gib": 3,
                        "system": "S", "kernel": "6", "python": "3"}}


def program(folder, name, text):
    path = Path(folder) / name
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


class Options(unittest.TestCase):
    def test_a_bad_option_gives_one_line(self):
        for options, message in (
                ("--work w9", '"w9" is none of w1, w2, w3, w4, all'), ("--peers jax,rust", '"rust" is none of qstill, jax'),
                ("--cases 8", '"8" is not QUBITS:LAYERS:BATCH'), ("--cases 8:4:0", '"8:4:0" is not'),
                ("--cases 8:-4:1", "is not QUBITS"), ("--cases 31:4", "31 qubits are more than 30"), ("--threads 0", "is not an integer 1.."),
                ("--rounds two", '"two" is not an integer'), ("--slow nan", "is not a number"), ("--work w1 --cases 20:4", "names none for w1"),
                ("--quick --record", "too little to --record"), ("--wrok w1", "unrecognized arguments: --wrok"), ("--rou 3", "--rou")):
            done = subprocess.run([sys.executable, "-B", str(ROOT / "bench/peers/compare.py"), *options.split()],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((2, ""), (done.returncode, done.stdout), options)
            self.assertRegex(done.stderr, r"\Acompare: [^\n]+\n\Z")
            self.assertIn(message, done.stderr)

    def test_lines_name_the_program_that_runs(self):
        err = io.StringIO()
        with mock.patch.object(sys, "argv", ["bench/science/run.py", "--rows", "x"]), contextlib.redirect_stderr(err):
            say("no rows")
        self.assertEqual(err.getvalue(), "run: no rows\n")

    def test_cases(self):
        self.assertEqual({"w1": ((8, 4, 64),), "w2": ((20, 4), (22, 3))}, compare.read_cases("8:4:64,20:4,22:3,8:4:64"))
        options = compare.read_options(["--cases", "6:4:64,4:4:512,18:4", "--precision", "single"])
        self.assertEqual([4, 6], [case["qubits"] for case, _ in compare.cases_of("w1", options)])
        wide = compare.cases_of("w2", options)
        self.assertEqual({"single"}, {case["precision"] for case, _ in wide})
        self.assertEqual([(10, True), (18, False)] * 3, [(case["qubits"], only) for case, only in wide])

    def test_the_recorded_command_has_no_paths(self):
        self.assertEqual("bench/peers/compare.py --work w1 --rounds 3", compare.command_of(
            ["--work", "w1", "--qstill", "/a/b", "--venv=/c", "--rounds", "3"]))

    def test_usual_cases_cover_the_goals(self):
        options = compare.read_options(["--threads", "1"])
        cases = [*compare.cases_of("w1", options), *compare.cases_of("w2", options), *compare.noise_cases(options)]
        found = results.groups([{**case, "threads": 2, "participant": "qstill"} for case, only in cases if not only])
        for goal in goals.GOALS:
            if goal.group[0] == "w3":
                continue
            self.assertTrue(any(map(goal.takes, found[goal.group])), goal.text)


class Answers(unittest.TestCase):
    def test_difference(self):
        answer = {"value": 1.0, "gradient": [1.0, -2.0]}
        self.assertEqual(0, measure.difference(answer, answer))
        self.assertEqual(0.5, measure.difference(answer, {"value": 1.0, "gradient": [1.0, -2.5]}))
        self.assertEqual(0.25, measure.difference(answer, {"value": 0.75, "gradient": None}))
        for wrong in ([1.0], [1.0, float("nan")]):
            self.assertEqual(float("inf"), measure.difference(answer, {"value": 1.0, "gradient": wrong}))

    def test_forecasts(self):
        larger = {**CASE, "qubits": 12, "batch": 512}
        self.assertIsNone(measure.foresee(CASE, []))
        call, first = measure.foresee(larger, [({**CASE, "qubits": 4}, 1.0, 1.0), (CASE, 100.0, 100.0)])
        self.assertAlmostEqual(0.1 * 8 * 1.5 * 4, call)  # from the nearer case: batch, qubits, 2^(4/2)
        self.assertEqual(call, first)
        call, first = measure.foresee({**CASE, "layers": 8}, [(CASE, 10.0, 5010.0)])
        self.assertAlmostEqual(0.02, call)
        self.assertAlmostEqual(20.02, first)  # twice the gates compile in four times the time


class Turns(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.company = participants.Company(program(self.folder, "python", FAKE_WORKER), 1)
        self.addCleanup(self.company.__exit__)
        self.limits = measure.Limits(rounds=3)

    def peer(self, name):
        return participants.Peer(name, name, "", True, frozenset({"train"}), frozenset({"double"}))

    def test_a_peer_answers_and_rests(self):
        process = self.company.process(self.peer("works"), CASE)
        self.assertEqual([3.0, 1.0, 2.0], process.ask(20, do="time", seconds=1, most=9)["times_ms"])
        state = Path(f"/proc/{process._process.pid}/stat")
        self.assertEqual("T", state.read_text(encoding="utf-8").rsplit(") ", 1)[1][0])
        self.assertIs(process, self.company.process(self.peer("works"), CASE))

    def test_failures_are_told(self):
        for name, patience, message in (("dies", 20, "ended with code 3"), ("refuses", 20, "no such gate"), ("sleeps", 0.5, "no answer in time")):
            with self.assertRaisesRegex(participants.Failure, message):
                self.company.process(self.peer(name), CASE).ask(patience, do="time")
        self.assertTrue(self.company.process(self.peer("dies"), CASE).is_alive())  # a new one

    def test_a_case(self):
        text = FAKE_QSTILL.format(mode="works")
        qstill = participants.Qstill(program(self.folder, "qstill", text), 1)
        history = {("slow", "train", "double"): [({**CASE, "qubits": 6}, 25e3, 25e3)]}
        names, load = ("works", "wrong", "dies", "slow", "long"), measure.QstillTurns.prepare
        self.addCleanup(setattr, measure.QstillTurns, "prepare", load)

        def prepare(taker, past):  # the stand-in's gradient is JSON, and no peer is there to read a .npy
            taker._load = lambda path: json.loads(Path(path).read_text(encoding="utf-8"))
            load(taker, past)

        measure.QstillTurns.prepare = prepare
        cells = measure.measure(CASE, [self.peer(name) for name in names], self.company, qstill, self.limits, history)
        cells = {found["participant"]: found for found in cells}
        self.assertEqual({"works": "measured", "wrong": "differs", "dies": "failed", "slow": "skipped", "long": "measured",
                          "qstill": "measured"},
                         {name: found["status"] for name, found in cells.items()})
        self.assertEqual([[1.0, 2.0, 3]] * 3, cells["works"]["turns"])
        self.assertEqual([[9000.0, 9000.0, 1]], cells["long"]["turns"])
        self.assertEqual([[0.25, 0.25, 1]] * 3, cells["qstill"]["turns"])
        self.assertEqual(41.0, cells["qstill"]["percent_of_peak"])
        self.assertEqual(0, cells["qstill"]["difference"])
        self.assertAlmostEqual(1e-9, cells["wrong"]["difference"])
        self.assertEqual(1.0, history["works", "train", "double"][0][1])

    def test_a_program_that_cannot(self):
        qstill = participants.Qstill(program(self.folder, "qstill", FAKE_QSTILL.format(mode="fails")), 1)
        with self.assertRaisesRegex(participants.Failure, "exit code 1: qstill: one line about it"):
            qstill.check()
        with self.assertRaisesRegex(Trouble, "build it, or name it with --qstill"):
            participants.Qstill(Path(self.folder) / "nobody", 1).info()


class Tables(unittest.TestCase):
    CELLS = [cell("qstill", 2.0, 1.0, 3.0, percent_of_peak=51.234), cell("jax", 50.0, 70.0, 60.0),
             cell("qulacs", 90.0, way="blocks of 2", first_ms=91.5), cell("aer", 0.1, status="differs"),
             cell("pennylane", status="skipped", foreseen_s=61.2)]

    def of(self, cells):
        return {found["participant"]: found for found in cells}

    def test_ratios(self):
        cells = self.of(self.CELLS)
        self.assertEqual("jax", results.strongest(cells, False))
        self.assertEqual("qulacs", results.strongest(cells, True))
        self.assertEqual((50.0, 30.0), results.ratio(cells, False))
        self.assertEqual((90.0, 45.0), results.ratio(cells, True))
        self.assertIsNone(results.ratio(self.of(self.CELLS[1:]), False))
        self.assertIsNone(results.ratio(self.of([self.CELLS[0], self.CELLS[3]]), False))

    def test_numbers(self):
        self.assertEqual(["0.0123", "1.00", "9.99", "10.0", "99.9", "100", "1230", "12300", ""],
                         [results.number(value) for value in (0.012345, 1, 9.994, 9.996, 99.94, 99.96, 1234, 12345, None)])

    def test_merge(self):
        other = {**CASE, "batch": 512}
        old = {"A": run("A"), "B": run("B")}, [*self.CELLS, cell("qstill", 1, case=other, run="B")]
        runs, cells = results.merge(old, ({"C": run("C")}, [cell("qstill", 7, run="C")]))
        self.assertEqual({"B", "C"}, set(runs))  # all of A was measured again
        self.assertEqual([("C", 64), ("B", 512)], [(found["run"], found["batch"]) for found in cells])

    def test_tables(self):
        text = results.render(({"A": run("A")}, self.CELLS))
        self.assertIn("### W1: a training step, loss and full gradient, double, 2 threads\n", text)
        self.assertIn("| 8 | 4 | 64 | 1.00 | 51.2 | **50.0** | > 61 s | 90.0 | differs | **50.0×** (30.0) | **90.0×** (45.0) |", text)
        self.assertIn("- qulacs, blocks of 2: 8\n", text)
        self.assertIn("### Run A\n", text)
        page = f"before\n{results.BEGIN}old\n{results.END}after\n"
        self.assertEqual(f"before\n{results.BEGIN}\nnew\n\n{results.END}after\n", results.insert(page, "new\n"))

    def test_goals(self):
        better = [cell("qstill", 1.0, case={**CASE, "qubits": 10}), cell("jax", 600.0, case={**CASE, "qubits": 10})]
        lines = goals.goals_table(self.CELLS + better).splitlines()
        self.assertIn("| training, n = 6–12, × the fastest peer | ≥ 60 | 50 at n = 8, batch 64 | **not reached** |", lines)
        self.assertIn("| training, n = 8, batch 64, × the strongest library | ≥ 90 | 90 at n = 8, batch 64 | reached |", lines)
        self.assertIn("| digits from the command line, ms | ≤ 1000 |  | not measured |", lines)


class Recorded(unittest.TestCase):
    def test_the_page_shows_the_raw_results(self):
        page = (ROOT / "bench/RESULTS.md").read_text(encoding="utf-8")
        found = results.load(ROOT / "bench/results.jsonl")
        self.assertEqual(page, results.insert(page, compare.tables_of(found)), "bench/peers/compare.py --render writes it again")
        self.assertEqual(results.text_of(found), (ROOT / "bench/results.jsonl").read_text(encoding="utf-8"))

    def test_a_case_is_of_one_run(self):
        runs, cells = results.load(ROOT / "bench/results.jsonl")
        for cases in results.groups(cells).values():
            for case, members in cases.items():
                self.assertEqual(1, len({found["run"] for found in members.values()} & set(runs)), case)

    def test_the_peers_are_described_and_there(self):
        text = (ROOT / "bench/README.md").read_text(encoding="utf-8")
        for peer in participants.PEERS.values():
            self.assertIn(f"| `{peer.name}` |", text)
            self.assertTrue((ROOT / f"bench/peers/{peer.module}.py").exists(), peer.name)
        for name in os.listdir(ROOT / "bench/peers"):
            if name.endswith(".py") and not name.startswith("peer_") and name != "digits_jax.py":
                self.assertIn(f"`{name}`", text)


if __name__ == "__main__":
    unittest.main()
