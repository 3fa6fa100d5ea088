"""results.py: raw results, one JSON object a line, and the tables that are made from them.

A `run` says when, on what and with which versions; a `cell` is one participant in one case: its turns, each [fastest ms, median ms,
calls], and what it said about itself. Cells of one case always come from one run, so every ratio is of one run; measuring a
case again replaces its cells."""
import json
import statistics
from itertools import groupby

from participants import PEERS

BEGIN, END = "<!-- results: begin, by bench/peers/compare.py -->\n", "<!-- results: end -->\n"
GROUP, CASE = ("work", "precision", "threads"), ("kind", "gradient", "qubits", "layers", "batch")
ORDER = ("qstill", *PEERS, "jax-compiled-before")
TITLES = {"w1": "W1: a training step, loss and full gradient", "w2": "W2: one wide state",
          "w4": "W4: a noisy circuit, depolarizing behind each gate: 1,000 shots, 1,000 trajectories, a step of training",
          "w3": "W3: the whole job, ten digits, 20 epochs, start-up included"}
KINDS = {("hea", False): "hea forward", ("hea", True): "hea gradient", ("qv", False): "qv forward",
         ("cone", False): "hea by light cone", ("cone", True): "hea gradient by light cone", ("train", True): "",
         ("digits", True): "", ("exact", False): "exact, 1,000 shots", ("trajectories", False): "1,000 trajectories",
         ("training", True): "training, one trajectory"}


def load(path):
    """(runs by name, cells) of a file; none when there is no file."""
    if not path.exists():
        return {}, []
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return ({record["run"]: record for record in records if record["record"] == "run"},
            [record for record in records if record["record"] == "cell"])


def _place(cell):
    return tuple(cell[key] for key in GROUP + CASE)


def _in_order(cells):
    kinds = list(KINDS)
    return sorted(cells, key=lambda cell: (
        *(cell[key] for key in GROUP), kinds.index((cell["kind"], cell["gradient"])),
        *(cell[key] for key in CASE[2:]), ORDER.index(cell["participant"])))


def merge(old, new):
    """Old results with the new ones in their place; runs that nothing is left of are dropped."""
    taken = {_place(cell) for cell in new[1]}
    cells = _in_order([cell for cell in old[1] if _place(cell) not in taken] + new[1])
    used = {cell["run"] for cell in cells}
    return {name: run for name, run in (old[0] | new[0]).items() if name in used}, cells


def text_of(results):
    runs, cells = results
    return "".join(json.dumps(record) + "\n" for record in [*(runs[name] for name in sorted(runs)), *cells])


# --- what the numbers say ---

def fastest_ms(cell):
    return min(turn[0] for turn in cell["turns"]) if cell and cell["turns"] and cell["status"] == "measured" else None


def median_ms(cell):
    """The median of the turns' minima: qstill's command gives a minimum each time, so the peers are taken alike."""
    return statistics.median(turn[0] for turn in cell["turns"])


def rivals(cells, only_libraries):
    """The peers of a case that have a time, by participant."""
    return {name: cell for name, cell in cells.items() if name != "qstill" and fastest_ms(cell) is not None
            and not (only_libraries and name in PEERS and not PEERS[name].is_library)}


def strongest(cells, only_libraries):
    found = rivals(cells, only_libraries)
    return min(found, key=lambda name: fastest_ms(found[name])) if found else None


def ratio(cells, only_libraries, name=None):
    """How many times qstill is faster: (by minima, by medians), or None."""
    name = name or strongest(cells, only_libraries)
    own, other = cells.get("qstill"), cells.get(name)
    if fastest_ms(own) is None or fastest_ms(other) is None:
        return None
    return fastest_ms(other) / fastest_ms(own), median_ms(other) / median_ms(own)


def groups(cells):
    """{(work, precision, threads): {(kind, gradient, n, layers, batch): {participant: cell}}}, in order."""
    return {group: {case: {cell["participant"]: cell for cell in same} for case, same in groupby(
        members, key=lambda cell: tuple(cell[key] for key in CASE))}
        for group, members in groupby(_in_order(cells), key=lambda cell: tuple(cell[key] for key in GROUP))}


# --- tables ---

def number(value):
    """Three significant digits, without exponents."""
    if value is None:
        return ""
    digits = f"{value:.2e}"
    return f"{float(digits):.{max(0, 2 - int(digits.split('e')[1]))}f}"


def table(head, rows):
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in [head, rule, *rows])


def time_text(cell):
    if cell is None:
        return ""
    if cell["status"] == "measured":
        return number(fastest_ms(cell))
    if cell["status"] == "skipped":
        return f"> {int(cell['foreseen_s'])} s"
    return cell["status"]


def _ratio(cells, only_libraries):
    found = ratio(cells, only_libraries)
    return f"**{number(found[0])}×** ({number(found[1])})" if found else ""


def _present(cases):
    return [name for name in ORDER if any(name in cells for cells in cases.values())]


def _label(work, case):
    kind, gradient, qubits, layers, batch = case
    if work == "w4":
        return [KINDS[kind, gradient], qubits, batch]
    return [qubits, layers, batch] if work == "w1" else [KINDS[kind, gradient], qubits, layers]


def _own(work, cell):
    """What qstill says of itself beside its time."""
    keys = {"w1": ("percent_of_peak",), "w4": ("ms_per_circuit", "times_noiseless")}.get(work, ("passes", "gb_per_s"))
    return [number(cell.get(key)) if cell else "" for key in keys]


def _case_head(work):
    return {"w1": ["n", "layers", "batch"], "w4": ["what", "n", "batch"]}.get(work, ["what", "n", "layers"])


def _times(work, cases):
    peers = [name for name in _present(cases) if name != "qstill"]
    head = _case_head(work)
    own = {"w1": ("% of peak",), "w4": ("a circuit", "× noiseless")}.get(work, ("passes", "GB/s"))
    head += ["qstill", *own, *peers, "× fastest peer"]
    head += ["× strongest library"] if work == "w1" else []
    rows = []
    for case, cells in cases.items():
        if all(not cell["turns"] for cell in cells.values()):
            continue
        best = strongest(cells, False)
        times = [f"**{time_text(cells[name])}**" if name == best else time_text(cells.get(name)) for name in peers]
        row = [*_label(work, case), time_text(cells.get("qstill")), *_own(work, cells.get("qstill")), *times, _ratio(cells, False)]
        rows.append(row + ([_ratio(cells, True)] if work == "w1" else []))
    return table(head, rows)


def _first_calls(work, cases):
    names = [name for name in _present(cases) if any("first_ms" in cells.get(name, {}) for cells in cases.values())]
    rows = [[*_label(work, case), *(number(cells.get(name, {}).get("first_ms")) for name in names)]
            for case, cells in cases.items() if any(cell["turns"] for cell in cells.values())]
    return table(_case_head(work) + names, rows)


def _agreement(cases):
    compared = [cell for cells in cases.values() for cell in cells.values() if "difference" in cell]
    if not compared:
        return "No answers were compared.\n"
    bad = sorted({cell["participant"] for cell in compared if cell["status"] == "differs"})
    worst = max(compared, key=lambda cell: cell["difference"])
    text = f"{len(compared)} answers were compared; the largest difference in value or gradient is {worst['difference']:.1e}"
    return text + (f", and these are wrong: {', '.join(bad)}.\n" if bad else ".\n")


def _ways(cases):
    """Which way each peer with several was measured in."""
    found = {}
    for case, cells in cases.items():
        for name, cell in cells.items():
            if "way" in cell and cell["turns"]:
                found.setdefault((name, cell["way"]), []).append(f"{KINDS[case[:2]]} {case[2]}".strip())
    return "".join(f"- {name}, {way}: {', '.join(dict.fromkeys(where))}\n" for (name, way), where in sorted(found.items()))


def _digits(cases):
    cells = next(iter(cases.values()))
    own = fastest_ms(cells.get("qstill"))
    rows = [[name, number(fastest_ms(cell) / 1e3), number(median_ms(cell) / 1e3), f"{100 * cell['accuracy']:.1f} %",
             f"**{number(fastest_ms(cell) / own)}×**" if own and name != "qstill" else ""]
            for name, cell in ((name, cells[name]) for name in ORDER if name in cells)]
    return table(["who", "s", "median s", "accuracy on test rows", "qstill is faster by"], rows)


def _group(group, cases):
    work, precision, threads = group
    runs = sorted({cell["run"] for cells in cases.values() for cell in cells.values()})
    text = f"### {TITLES[work]}, {precision}, {threads} thread{'s' if threads > 1 else ''}\n\n"
    text += f"Run{'s' if len(runs) > 1 else ''} {', '.join(runs)}. "
    if work == "w3":
        return text + "Seconds from start to end of the process.\n\n" + _digits(cases)
    text += "Milliseconds, fastest; ratios by minima, in brackets by medians. " + _agreement(cases) + "\n"
    text += _times(work, cases)
    text += "\nThe first call of a new circuit, milliseconds, compiling included:\n\n" + _first_calls(work, cases)
    ways = _ways(cases)
    return text + (f"\nThe way that was fastest, by kind and n:\n\n{ways}" if ways else "")


def _run(run):
    machine = run["machine"]
    lines = [f"- {machine['cpu']} (model {machine['model']}), {machine['cores']} cores, {machine['isa']}, L1d {machine['l1d']}, "
             f"L2 {machine['l2']} a core, {machine['memory_gib']} GiB; {machine['system']}, Linux {machine['kernel']}"]
    if run.get("qstill"):
        qstill = run["qstill"]
        lines.append(f"- qstill {qstill['version']}{' at ' + qstill['commit'] if qstill.get('commit') else ''}, "
                     f"kernels {qstill['kernels']}")
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    lines.append(f"- Python {machine['python']}" + (f", {versions}" if versions else ""))
    lines.append(f"- rounds: {run['rounds']}; `{run['command']}`")
    return f"### Run {run['run']}\n\n" + "\n".join(lines) + "\n"


def render(results):
    """All tables, between the markers of RESULTS.md."""
    runs, cells = results
    if not cells:
        return "No results yet.\n"
    parts = [_group(group, cases) for group, cases in groups(cells).items()]
    return "\n".join(parts + [_run(runs[name]) for name in sorted(runs)])


def insert(page, tables):
    """The page with the tables between its markers."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + tables + "\n" + END + after
