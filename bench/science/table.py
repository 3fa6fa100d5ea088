"""table.py: results, one JSON object a line and setting, and the page that is made from them."""
import json

from rows import ROWS

HEAD = """# Distillation, measured

Each row is a setting of a recipe in `recipes/`, run by `run.py`; [README.md](README.md) says what the columns are. All numbers are
test accuracies in percent, means over paired seeds with 95 % t intervals. *Gain* is student minus the same student without the teacher at
equal steps, in points; the verdict is that of `qstill run`, Holm's correction over the settings with the same control included.

"""


def load(path):
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def merge(old, new):
    """New records in the place of the old ones, in the order of rows.py."""
    rows = {record["row"] for record in new}
    order = [row.name for row in ROWS]
    return sorted([record for record in old if record["row"] not in rows] + new, key=lambda record: order.index(record["row"]))


def _percent(model):
    if model is None:
        return "–"
    low, high = model["accuracy_ci"] or (None, None)
    return f"{100 * model['accuracy']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _points(contest):
    if contest["ci"] is None:
        return f"{contest['points']:+.1f}"
    return f"{contest['points']:+.1f} [{contest['ci'][0]:+.1f}, {contest['ci'][1]:+.1f}]"


def _size(model):
    size = model["size"] or {}
    parameters = size.get("parameters") or {}
    quantum, classical = parameters.get("quantum", 0), parameters.get("classical", 0)
    return f"{size['qubits']} qubits, {quantum} + {classical}" if size.get("qubits") else f"{classical}"


def _controls(record):
    """The other controls: student minus each."""
    return "; ".join(f"{name} {_points(control)} {control['verdict']}" for name, control in record["controls"].items())


ROLES = {"teacher": "teacher", "student": "student", "control": "student without teacher", "noise_unaware": "student trained without noise"}


def _verdict(contest):
    return f"{_points(contest)}" + (f" **{contest['verdict']}**" if contest["verdict"] else "")


def _device(record):
    """The four columns, and who is ahead on the device."""
    device = record["device"]
    columns = ("ideal", "shots", "device", "mitigated", "corrected")
    lines = ["", f"On {device['name']}, {device['shots']} shots a circuit, noise run by the method {device['method']}:", "",
             "| | without noise | shots only | device | mitigated | corrected | qubits | gates on two qubits | expected fidelity |",
             "| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: |"]
    for name, role in device["roles"].items():
        place = role["placement"]
        lines.append(f"| {ROLES[name]} | " + " | ".join(_percent(role[column]) for column in columns) +
                     f" | {' '.join(map(str, place['qubits']))} | {place['two_qubit_gates']} | {place['fidelity']:.2f} |")
    lines += ["", f"- the teacher loses {_points(device['teacher_loss'])} points from ideal to device, the student {_points(device['student_loss'])}",
              f"- on the device, student minus teacher: {_verdict(device['over_teacher'])}",
              f"- on the device, student minus the same trained without noise: {_verdict(device['over_noise_unaware'])}",
              f"- on the device, student minus the same without the teacher: {_verdict(device['over_control'])}"]
    crossover = device["crossover"]
    if crossover["strength"] is not None:
        lines.append(f"- the student is ahead from noise of strength {crossover['strength']:.2g} on: a teacher of depth {crossover['depth']:.0f}")
    return lines


def _section(row, records):
    first = records[0]
    lines = [f"## {row.title}", "", f"{first['seeds']} seeds, {first['test_rows']} test rows. Teacher {_percent(first['models']['teacher'])} "
             f"({_size(first['models']['teacher'])} parameters), student of {_size(first['models']['student'])} parameters, "
             f"support vector machine on the same rows {first['ceiling'][0]:.1f}. Published: {row.published}.", "",
             "| setting | labels | student | without teacher | gain | verdict | floor | over the floor |",
             "| --- | ---: | ---: | ---: | ---: | --- | ---: | --- |"]
    for record in records:
        models = record["models"]
        lines.append(f"| {record['setting']} | {record['labelled']} | {_percent(models['student'])} | {_percent(models.get('control'))} | "
                     f"{_points(record['gain'])} | **{record['gain']['verdict']}** | {_percent(models.get('floor'))} | "
                     f"{_points(record['over_floor'])} {record['over_floor']['verdict']} |")
    lines += ["", "The other controls, student minus each:", ""]
    lines += [f"- {record['setting']}: {_controls(record)}" for record in records if record["controls"]]
    for record in records:
        if record.get("device"):
            lines += _device(record)
    about = first["about"]
    lines += ["", f"Run {first['run']}, qstill at {about['commit']}, {about['threads']} thread{'s' * (about['threads'] != 1)}, {about['machine']['isa']}.", ""]
    return lines


def render(results, page):
    lines = []
    for row in ROWS:
        records = [record for record in results if record["row"] == row.name]
        if records:
            lines += _section(row, records)
    page.write_text(HEAD + "\n".join(lines), encoding="utf-8")
