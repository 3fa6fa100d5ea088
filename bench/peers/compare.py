#!/usr/bin/env python3
"""Measures qstill and its peers alternately in one run, checks that all give the same numbers, and writes the results.

    bench/peers/compare.py --work w1 --threads 2 --record

What is measured, in which way, and why it is each peer's best: bench/README.md. Needs python3-venv, and the network once."""
import argparse
import datetime
import os
import shlex
import signal
import sys
from pathlib import Path

from environment import ROOT, Trouble, commit, machine, prepare_venv, say
from goals import goals_table
from measure import Limits, measure, measure_digits
from participants import PEERS, Company, Failure, Qstill
from results import insert, load, merge, render, text_of, time_text

RAW, PAGE = ROOT / "bench/results.jsonl", ROOT / "bench/RESULTS.md"
WORKS = ("w1", "w2", "w3", "w4")
PRECISIONS = {"w1": ("double",), "w2": ("double", "single"), "w3": ("double",), "w4": ("double",)}
W1_CASES = tuple((n, 4, batch) for n in (4, 6, 8, 10, 12) for batch in (64, 512))
W2_CASES = ((20, 4), (22, 4), (24, 4))
W2_TASKS = (("hea", False), ("hea", True), ("qv", False))
# Kind, qubits, layers, batch.
W4_CASES = (*(("exact", n, 2, 32) for n in (6, 7, 8)), ("trajectories", 8, 2, 4),
            *(("training", n, 2, batch) for n in (6, 8, 10) for batch in (64, 512)))
W4_QUICK = (("exact", 4, 2, 8), ("trajectories", 4, 2, 2), ("training", 4, 2, 64))
NOISE_SHOTS = 1000
QUICK = {"w1": ((4, 4, 64), (6, 4, 64)), "w2": ((16, 4),)}
QUICK_LIMITS = Limits(rounds=2, turn_s=0.1, case_s=2)
AGREEMENT_QUBITS = 10  # where all answers on wide states are compared with the reference


class Options(argparse.ArgumentParser):
    def error(self, message):
        say(message)
        sys.exit(2)


def _one_of(*allowed):
    def read(text):
        names = text.split(",")
        for name in names:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f'"{name}" is none of {", ".join(allowed)}')
        return tuple(dict.fromkeys(names))
    return read


def _number(kind, low, high):
    def read(text):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f'"{text}" is not {"an integer" if kind is int else "a number"} {low}..{high}')
        return value
    return read


def read_cases(text):
    """"8:4:64,20:4" -> {"w1": ((8, 4, 64),), "w2": ((20, 4),)}: three numbers are training, two a wide state."""
    cases = {"w1": [], "w2": []}
    for word in text.split(","):
        parts = word.split(":")
        if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
            raise argparse.ArgumentTypeError(f'"{word}" is not QUBITS:LAYERS:BATCH (w1) or QUBITS:LAYERS (w2)')
        numbers = tuple(map(int, parts))
        most = 14 if len(parts) == 3 else 30
        if numbers[0] > most:
            raise argparse.ArgumentTypeError(f'"{word}": {numbers[0]} qubits are more than {most}')
        cases["w1" if len(parts) == 3 else "w2"].append(numbers)
    return {work: tuple(dict.fromkeys(found)) for work, found in cases.items()}


def read_options(arguments):
    default, parser = Limits(), Options(prog="compare.py", description=__doc__, allow_abbrev=False,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)
    add, cores = parser.add_argument, len(os.sched_getaffinity(0))
    add("--work", type=_one_of(*WORKS, "all"), default=("all",), help="w1, w2, w3, w4 or all (default)")
    add("--peers", type=_one_of("qstill", *PEERS), default=("qstill", *PEERS), metavar="LIST",
        help="who takes part: " + ", ".join(("qstill", *PEERS)))
    add("--cases", type=read_cases, default=None, metavar="n:L:B,...",
        help="instead of the usual ones; n:L:B for w1, n:L for w2; none for w4")
    add("--precision", type=_one_of("double", "single"), default=None, metavar="LIST",
        help="double, single; default: w1 double, w2 both; w3 and w4 are double")
    add("--threads", type=_number(int, 1, cores), default=min(2, cores), metavar="N", help="default 2")
    add("--rounds", type=_number(int, 1, 1000), default=None, metavar="N", help=f"turns of each (default {default.rounds})")
    add("--turn", type=_number(float, 0, 600), default=None, metavar="S", help=f"seconds of a turn (default {default.turn_s})")
    add("--case", type=_number(float, 0, 3600), default=None, metavar="S",
        help=f"seconds after which a peer gets no further turn in a case (default {default.case_s:g})")
    add("--slow", type=_number(float, 0, 3600), default=None, metavar="S",
        help=f"leave out a peer whose call is foreseen to take longer (default {default.slow_s:g})")
    add("--first", type=_number(float, 0, 3600), default=None, metavar="S",
        help=f"leave out a peer whose first call is foreseen to take longer (default {default.first_s:g})")
    add("--quick", action="store_true", help="small cases and two short rounds: does everything work?")
    add("--qstill", type=Path, default=ROOT / "build/release/qstill", metavar="PROGRAM",
        help="default build/release/qstill")
    add("--venv", type=Path, default=ROOT / "build/peers-venv", metavar="DIR", help="default build/peers-venv")
    add("--record", action="store_true", help="keep the results: bench/results.jsonl, and the tables in bench/RESULTS.md")
    add("--render", action="store_true", help="measure nothing, write the tables again")
    options = parser.parse_args(arguments)
    options.works = WORKS if "all" in options.work else options.work
    if options.quick and options.record:
        parser.error("--quick measures too little to --record")
    for work in ("w1", "w2"):
        if options.cases and not options.cases[work] and options.work == (work,):
            parser.error(f"--cases names none for {work}")
    return options


def limits_of(options):
    start = QUICK_LIMITS if options.quick else Limits()
    given = {"rounds": options.rounds, "turn_s": options.turn, "case_s": options.case, "slow_s": options.slow,
             "first_s": options.first}
    return start._replace(**{key: value for key, value in given.items() if value is not None})


def cases_of(work, options):
    """[(case, whether it is only for comparing answers)], smaller ones first: what they take foretells the larger."""
    if options.cases is not None:
        sizes = options.cases[work]
    else:
        sizes = QUICK[work] if options.quick else {"w1": W1_CASES, "w2": W2_CASES}[work]
    found = []
    for precision in options.precision or PRECISIONS[work]:
        common = {"work": work, "precision": precision, "threads": options.threads}
        if work == "w1":
            found += [({**common, "kind": "train", "gradient": True, "qubits": n, "layers": layers, "batch": batch}, False)
                      for n, layers, batch in sorted(sizes)]
            continue
        cones = (("cone", False), ("cone", True)) if precision == "double" and sizes else ()
        for task, gradient in (*W2_TASKS, *cones):
            wide = sorted(sizes)[-1:] if task == "cone" else sorted(sizes)
            found += [({**common, "kind": task, "gradient": gradient, "qubits": n, "layers": layers, "batch": 1}, check)
                      for n, layers, check in ([(AGREEMENT_QUBITS, 4, True)] if wide else []) + [(*size, False) for size in wide]]
    return found


def noise_cases(options):
    common = {"work": "w4", "precision": "double", "threads": options.threads, "shots": NOISE_SHOTS}
    sizes = () if options.cases is not None else W4_QUICK if options.quick else W4_CASES
    return [({**common, "kind": kind, "gradient": kind == "training", "qubits": n, "layers": layers, "batch": batch}, False)
            for kind, n, layers, batch in sizes]


def describe(case):
    text = f"{case['work']} {case['kind']}{' gradient' if case['gradient'] and case['work'] == 'w2' else ''}, {case['precision']}, "
    text += f"{case['qubits']} qubits, {case['layers']} layers"
    return text + (f", batch {case['batch']}" if case["work"] in ("w1", "w4") else "")


def measure_all(options, python, qstill):
    """(cells, versions of everything that took part)."""
    limits, peers, cells, history = limits_of(options), [PEERS[name] for name in options.peers if name in PEERS], [], {}
    with Company(python, options.threads) as company:
        for work in options.works:
            if work == "w3":
                case = {"work": "w3", "precision": "double", "threads": options.threads, "kind": "digits", "gradient": True,
                        "qubits": 8, "layers": 4, "batch": 64}
                say("w3 digits, 8 qubits, 4 layers, 20 epochs")
                cells += measure_digits(case, python, options.qstill.resolve() if qstill else None, limits)
                continue
            for case, only_answers in noise_cases(options) if work == "w4" else cases_of(work, options):
                say(describe(case) + (", answers only" if only_answers else ""))
                found = measure(case, peers, company, qstill, limits, history, 0 if only_answers else None)
                cells += found
                if not only_answers:
                    say("  " + ", ".join(f"{cell['participant']} {time_text(cell)}" for cell in found))
        return cells, company.versions()


def command_of(arguments):
    """The command, without paths of this machine."""
    kept, words = [], iter(arguments)
    for word in words:
        if word in ("--qstill", "--venv"):
            next(words)
        elif not word.startswith(("--qstill=", "--venv=")):
            kept.append(word)
    return shlex.join(["bench/peers/compare.py", *kept])


def run_record(options, versions, info):
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"record": "run", "run": now.strftime("%Y-%m-%d %H:%M:%S"), "machine": machine(), "versions": versions,
            "qstill": {"version": info["version"], "kernels": info["kernels"], "commit": commit()} if info else None,
            "rounds": limits_of(options).rounds, "command": command_of(options.arguments)}


def tables_of(results):
    goals = "### Goals\n\n" + goals_table(results[1]) + "\n" if results[1] else ""
    return goals + render(results)


def write_page(results):
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(insert(page, tables_of(results)), encoding="utf-8")


def main(arguments):
    options = read_options(arguments)
    options.arguments = arguments
    if options.render:
        write_page(load(RAW))
        return 0
    python = prepare_venv(options.venv.resolve())
    qstill = Qstill(options.qstill.resolve(), options.threads) if "qstill" in options.peers else None
    info = qstill.info() if qstill else None
    if qstill and options.works != ("w3",):
        qstill.check()
    cells, versions = measure_all(options, python, qstill)
    run = run_record(options, versions, info)
    new = {run["run"]: run}, [{**cell, "run": run["run"]} for cell in cells]
    if options.record:
        results = merge(load(RAW), new)
        RAW.write_text(text_of(results), encoding="utf-8")
        write_page(results)
        say(f"recorded in {RAW.relative_to(ROOT)} and {PAGE.relative_to(ROOT)}")
    print(render(new), end="")
    wrong = [cell for cell in cells if cell["status"] in ("failed", "differs")]
    for cell in wrong:
        say(f"{cell['participant']}, {describe(cell)}: {cell['status']}")
    return 1 if wrong else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except (Trouble, Failure) as trouble:
        say(str(trouble))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
