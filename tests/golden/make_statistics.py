"""Golden values for the metrics and statistics of src/verify, from mpmath, SciPy, scikit-learn and statsmodels.

    python3 tests/golden/make_statistics.py > tests/golden/statistics.json

The versions used stand in the file. Only the calibration error is computed here by hand (numpy, from its definition in
Guo et al. 2017). Read by tests/golden/test_verify_golden.c, which states the tolerances.
"""
import json
import sys

import mpmath
import numpy as np
import scipy
import sklearn
import statsmodels
from mpmath import mp
from scipy import optimize, spatial, special, stats
from sklearn import metrics
from statsmodels.stats import multitest, proportion

mp.dps = 40
rng = np.random.default_rng(20240607)


def t_cdf(t, v):
    """The integral of the density, in pieces."""
    t, v = mp.mpf(t), mp.mpf(v)
    scale = mp.exp(mp.loggamma((v + 1) / 2) - mp.loggamma(v / 2)) / mp.sqrt(v * mp.pi)
    ends = [0] + [e for e in (0.5, 1, 2, 4, 8, 16, 64, 256, 4096, 10 ** 6) if e < abs(t)] + [abs(t)]
    inner = mp.quad(lambda s: scale * (1 + s * s / v) ** (-(v + 1) / 2), ends) if t else 0
    return mp.mpf(1) / 2 + mp.sign(t) * inner


def t_quantile(p, v):
    start = mp.mpf(float(stats.t.ppf(p, v)))
    return mp.mpf(0) if p == 0.5 else mp.findroot(lambda t: (t_cdf(t, v) - mp.mpf(p)) / min(p, 1 - p), start)


def beta_cdf(x, a, b):
    """Integer shapes as a binomial tail, because the series of mpmath gives up on large ones."""
    x = mp.mpf(x)
    if a != int(a) or b != int(b):
        return mp.betainc(a, b, 0, x, regularized=True)
    n, j = int(a + b) - 1, int(a)
    term = mp.binomial(n, j) * x ** j * (1 - x) ** (n - j)
    total = mp.mpf(0)
    while j <= n and term > total * mp.mpf(10) ** -30:
        total += term
        term *= x / (1 - x) * (n - j) / (j + 1)
        j += 1
    return total


def distributions():
    """From mpmath with 40 digits: SciPy's own quantiles are right to about 1e-12 only."""
    degrees = [1, 2, 3, 4, 5.5, 9, 29, 100, 1e4, 1e6]
    points = [-300, -40, -8, -2.5, -1, -1e-3, 0, 0.3, 1.7, 6, 60]
    levels = [1e-12, 1e-6, 1e-3, 0.025, 0.2, 0.5, 0.6, 0.9, 0.975, 0.9995]
    shapes = [(0.5, 0.5), (1, 1), (1, 9), (3, 2.5), (20, 31), (450, 0.5), (430, 21), (9000, 1001), (5e5, 5e5)]
    beta = []
    for a, b in shapes:
        for p in [1e-6, 0.025, 0.5, 0.9]:
            x = float(stats.beta.ppf(p, a, b))
            beta.append([a, b, x, float(beta_cdf(x, a, b))])
    pmf = [(0, 5, 0.2), (5, 5, 0.2), (3, 10, 0.5), (420, 450, 0.93), (10, 100000, 1e-4), (50000, 100000, 0.5)]
    return {
        "t_cdf": [[t, v, float(t_cdf(t, v))] for v in degrees for t in points],
        "t_quantile": [[p, v, float(t_quantile(p, v))] for v in degrees for p in levels],
        "normal_quantile": [[p, float(mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1))] for p in levels],
        "beta_cdf": beta,
        "binomial_pmf": [[k, n, p, float(mp.binomial(n, k) * mp.mpf(p) ** k * (1 - mp.mpf(p)) ** (n - k))]
                         for k, n, p in pmf],
    }


def shares():
    rows = []
    for k, n in [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (37, 40), (431, 450), (449, 450), (9123, 10000)]:
        for level in [0.9, 0.95, 0.99]:
            test = stats.binomtest(k, n)
            wilson = test.proportion_ci(level, method="wilson")
            exact = proportion.proportion_confint(k, n, 1 - level, method="beta")
            rows.append([k, n, level, wilson.low, wilson.high, float(exact[0]), float(exact[1])])
    return rows


def paired():
    samples = [
        [0.4, -0.1, 0.7, 1.3, 0.2],
        [7.9, 8.4, 6.6, 9.1, 7.0],
        [-0.3, -0.9, -0.2, -1.4, -0.75, -0.6, -0.05],
        [0.5, 0.5, -0.5, 1.0, 1.0, 0.25, -0.25, 2.0],
        [0.0, 0.2, 0.0, -0.4, 0.6, 0.2, 0.2],
        [1.0, -1.0],
    ]
    samples += [np.round(rng.normal(0.3, 1, n), 3).tolist() for n in (10, 12, 15, 25)]
    samples += [np.round(rng.normal(0.2, 1, n), 2).tolist() for n in (40, 60)]
    rows = []
    for d in samples:
        n = len(d)
        t = stats.ttest_1samp(d, 0)
        interval = t.confidence_interval(0.95)
        nonzero = [x for x in d if x != 0]
        if len(nonzero) <= 15:
            wilcoxon = stats.wilcoxon(nonzero, method=stats.PermutationMethod(n_resamples=np.inf)).pvalue
        else:
            wilcoxon = stats.wilcoxon(nonzero, method="exact" if len(nonzero) <= 25 else "asymptotic").pvalue
            assert len(nonzero) > 25 or len(set(np.abs(nonzero))) == len(nonzero)
        flip = None
        if n <= 15:
            flip = stats.permutation_test((np.array(d),), np.sum, permutation_type="samples", n_resamples=np.inf,
                                          alternative="two-sided").pvalue
        rows.append({"differences": d, "mean": float(np.mean(d)), "sd": float(np.std(d, ddof=1)),
                     "interval": [interval.low, interval.high], "p_t": t.pvalue, "p_wilcoxon": float(wilcoxon),
                     "p_sign_flip": None if flip is None else float(flip)})
    return rows


def mcnemar():
    pairs = [(0, 0), (1, 0), (0, 5), (3, 3), (2, 11), (40, 61), (3, 140), (900, 1011)]
    return [[b, c, 1.0 if b + c == 0 else stats.binomtest(b, b + c, 0.5).pvalue] for b, c in pairs]


def holm():
    lists = [[0.01], [0.04, 0.01], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [1e-20, 1e-18, 0.049, 0.026, 0.026]]
    return [[p, multitest.multipletests(p, method="holm")[1].tolist()] for p in lists]


def calibration_error(p, y, bins=15):
    confidence, right = p.max(1), p.argmax(1) == y
    which = np.digitize(confidence, np.linspace(0, 1, bins + 1), right=True)
    return sum(np.mean(which == b) * abs(right[which == b].mean() - confidence[which == b].mean())
               for b in np.unique(which))


def softmax(z):
    return np.round(special.softmax(z, axis=1), 12)


def temperature_fit(p, y):
    def nll(log_t):
        z = special.log_softmax(np.log(p) / np.exp(log_t), axis=1)
        return -z[np.arange(len(y)), y].mean()
    return float(np.exp(optimize.minimize_scalar(nll, bounds=(-3, 3), method="bounded", options={"xatol": 1e-10}).x))


def models():
    n, c = 80, 4
    y = rng.integers(0, c - 1, n)  # class 3 has no labels, but predictions
    truth = 2.5 * np.eye(c)[y]
    teacher = softmax(truth + rng.normal(0, 1.5, (n, c)))
    student = softmax(0.6 * np.log(teacher) + rng.normal(0, 1, (n, c)))
    teacher[5] = teacher[6] = [0.25, 0.25, 0.25, 0.25]
    student[7] = student[8] = student[9]
    of_t, of_s = teacher.argmax(1), student.argmax(1)
    right = of_t == y
    quality = []
    for p in (teacher, student):
        decided = p.argmax(1)
        quality.append({
            "accuracy": metrics.accuracy_score(y, decided),
            "balanced_accuracy": float(np.mean(metrics.recall_score(y, decided, average=None, labels=np.unique(y)))),
            "macro_f1": metrics.f1_score(y, decided, average="macro"),
            "nll": float(-np.log(p[np.arange(n), y]).mean()),
            "log_loss": metrics.log_loss(y, p / p.sum(1, keepdims=True), labels=range(c)),
            "brier": metrics.brier_score_loss(y, p / p.sum(1, keepdims=True), labels=range(c), scale_by_half=False),
            "ece": float(calibration_error(p, y)),
            "temperature": temperature_fit(p, y),
        })
    pearson = [stats.pearsonr(teacher[:, k], student[:, k]).statistic for k in range(c)]
    spearman = [stats.spearmanr(teacher[:, k], student[:, k]).statistic for k in range(c)]
    js = [spatial.distance.jensenshannon(a, b) ** 2 for a, b in zip(teacher, student)]
    fidelity = {
        "agreement": metrics.accuracy_score(of_t, of_s),
        "kappa": metrics.cohen_kappa_score(of_t, of_s),
        "agreement_teacher_right": metrics.accuracy_score(of_t[right], of_s[right]),
        "agreement_teacher_wrong": metrics.accuracy_score(of_t[~right], of_s[~right]),
        "n_teacher_right": int(right.sum()),
        "output_mse": metrics.mean_squared_error(teacher, student),
        "output_mae": metrics.mean_absolute_error(teacher, student),
        "output_max": float(np.abs(teacher - student).max()),
        "kl": float(np.mean(stats.entropy(teacher, student, axis=1))),
        "js": float(np.mean(js)),
        "tvd": float(np.mean(np.abs(teacher - student).sum(1) / 2)),
        "pearson": float(np.mean(pearson)),
        "spearman": float(np.mean(spearman)),
    }
    return {"n": n, "classes": c, "labels": y.tolist(), "teacher": teacher.tolist(),
            "student": student.tolist(), "quality": quality, "fidelity": fidelity}


document = {
    "made_by": {"script": "tests/golden/make_statistics.py", "mpmath": mpmath.__version__,
                "numpy": np.__version__, "scipy": scipy.__version__,
                "scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__},
    "distributions": distributions(), "shares": shares(), "paired": paired(), "mcnemar": mcnemar(), "holm": holm(),
    "models": models(),
}


def write(value, indent):
    """One line a list of scalars."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    if not any(isinstance(item, (dict, list)) for item in inner):
        return json.dumps(value)
    keys = [json.dumps(key) + ": " for key in value] if isinstance(value, dict) else [""] * len(value)
    lines = [indent + " " + key + write(item, indent + " ") for key, item in zip(keys, inner)]
    brackets = "{}" if isinstance(value, dict) else "[]"
    return brackets[0] + "\n" + ",\n".join(lines) + "\n" + indent + brackets[1]


sys.stdout.write(write(document, "") + "\n")
