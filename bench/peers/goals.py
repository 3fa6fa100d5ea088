"""goals.py: what qstill has set itself, each against what was measured. A goal counts over all its cases: the worst decides."""
from typing import Callable, NamedTuple

from results import fastest_ms, groups, ratio, table


class Goal(NamedTuple):
    text: str
    bound: float
    at_least: bool
    group: tuple     # work, precision, threads
    takes: Callable  # case -> whether it belongs to the goal
    value: Callable  # cells of that case -> number, or None


def _training(*sizes):
    return lambda case: case[2] in sizes and case[3] == 4 and case[4] in (64, 512)


def _wide(kind, gradient, *sizes):
    return lambda case: case[:2] == (kind, gradient) and case[2] in (sizes or (20, 22, 24)) and case[3] == 4


def _ratio_to(only_libraries=False, name=None):
    def value(cells):
        found = ratio(cells, only_libraries, name)
        return found and found[0]
    return value


def _time(cells):
    return fastest_ms(cells.get("qstill"))


def _peak(cells):
    return cells["qstill"].get("percent_of_peak") if "qstill" in cells else None


def _eight_by_64(case):
    return case[2:] == (8, 4, 64)


def _noiseless(cells):
    return cells["qstill"].get("times_noiseless") if "qstill" in cells else None


def _noisy(kind):
    return lambda case: case[0] == kind


_W1, _W2, _FLOAT, _W4 = ("w1", "double", 2), ("w2", "double", 2), ("w2", "single", 2), ("w4", "double", 2)

GOALS = (
    Goal("training, n = 6–12, × the fastest peer", 60, True, _W1, _training(6, 8, 10, 12), _ratio_to()),
    Goal("training, n = 6–12, × the strongest library", 100, True, _W1,
         lambda case: _training(6, 8, 10, 12)(case) and not _eight_by_64(case), _ratio_to(True)),
    Goal("training, n = 8, batch 64, × the strongest library", 90, True, _W1, _eight_by_64, _ratio_to(True)),
    Goal("training, n = 4, × the fastest peer", 50, True, _W1, _training(4), _ratio_to()),
    Goal("training, n = 8, batch 512, % of FMA peak", 45, True, _W1, lambda case: case[2:] == (8, 4, 512), _peak),
    Goal("wide forward, hea, n = 20–24, single, × qsim", 2, True, _FLOAT, _wide("hea", False), _ratio_to(name="qsim")),
    Goal("wide forward, qv, n = 20–24, single, × qsim", 2, True, _FLOAT, _wide("qv", False), _ratio_to(name="qsim")),
    Goal("wide forward, hea, n = 20–24, double, × the best peer", 6, True, _W2, _wide("hea", False), _ratio_to()),
    Goal("wide forward, qv, n = 20–24, double, × the best peer", 6, True, _W2, _wide("qv", False), _ratio_to()),
    Goal("wide gradient, hea, n = 20–24, double, × the best peer", 6, True, _W2, _wide("hea", True), _ratio_to()),
    Goal("⟨Z_0⟩ by light cone, n = 24, forward, ms", 4, False, _W2, _wide("cone", False, 24), _time),
    Goal("⟨Z_0⟩ by light cone, n = 24, gradient, ms", 4, False, _W2, _wide("cone", True, 24), _time),
    Goal("noise, exact and 1,000 shots, n = 6–8, × Aer", 20, True, _W4, _noisy("exact"), _ratio_to(name="aer")),
    Goal("noise, 1,000 trajectories, n = 8, × the faster of Aer and qulacs", 20, True, _W4, _noisy("trajectories"), _ratio_to()),
    Goal("noise, training with one trajectory, n = 6–10, × noiseless", 2, False, _W4, _noisy("training"), _noiseless),
    Goal("digits from the command line, ms", 1000, False, ("w3", "double", 2), lambda case: True, _time),
)


def _row(goal, cases):
    found = [(goal.value(cells), case) for case, cells in cases.items() if goal.takes(case)]
    found = [(value, case) for value, case in found if value is not None]
    wanted = f"{'≥' if goal.at_least else '≤'} {goal.bound:g}"
    if not found:
        return [goal.text, wanted, "", "not measured"]
    worst, case = (min if goal.at_least else max)(found)
    reached = worst >= goal.bound if goal.at_least else worst <= goal.bound
    place = {"w1": f" at n = {case[2]}, batch {case[4]}", "w2": f" at n = {case[2]}",
             "w4": f" at n = {case[2]}, batch {case[4]}"}.get(goal.group[0], "")
    return [goal.text, wanted, f"{worst:.3g}{place}", "reached" if reached else "**not reached**"]


def goals_table(cells):
    measured = groups(cells)
    rows = [_row(goal, measured.get(goal.group, {})) for goal in GOALS]
    return table(["goal, two threads, 4 layers (noise: 2)", "wanted", "worst measured", ""], rows)
