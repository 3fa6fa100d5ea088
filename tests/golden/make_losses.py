"""Golden values for losses, optimisers, schedules and logistic regression, from PyTorch, mpmath and scikit-learn.

    python3 tests/golden/make_losses.py > tests/golden/losses.json

The versions used stand in the file. Everything is double precision on the CPU. mpmath computes the KD term where double
precision loses digits (temperatures far from 1, logits far apart). Read by tests/golden/test_golden_losses.c, which
states the tolerances.
"""
import json
import sys

import mpmath
import numpy as np
import sklearn
import torch
import torch.nn.functional as F
from mpmath import mp
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

mp.dps = 400  # 1 - 1e-300 is not 1
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
rng = np.random.default_rng(20240611)


# --- losses -----------------------------------------------------------------------------------------------------------

def divide(total, rows, reduction):
    return total / rows if reduction == "mean" else total


def soft_term(teacher, student, temperature, reduction):
    return F.kl_div(F.log_softmax(student / temperature, 1), F.softmax(teacher / temperature, 1),
                    reduction="batchmean" if reduction == "mean" else "sum")


def evaluate(loss, reduction, temperature, alpha, teacher, student, labels):
    """What is minimised, and its two terms without weights."""
    if loss == "ce":
        hard = F.cross_entropy(student, labels, ignore_index=-1, reduction=reduction)
        return hard, hard, None
    if loss == "kd":
        hard = F.cross_entropy(student, labels, ignore_index=-1, reduction=reduction)
        soft = soft_term(teacher, student, temperature, reduction)
        return (1 - alpha) * hard + alpha * temperature ** 2 * soft, hard, soft
    error = divide(F.mse_loss(student, teacher, reduction="sum"), len(student), reduction)
    return error, None, error


def loss_case(loss, reduction, temperature, alpha, rows, classes, scale, masked):
    teacher = torch.tensor(scale * rng.standard_normal((rows, classes)))
    student = torch.tensor(scale * rng.standard_normal((rows, classes)), requires_grad=True)
    if loss == "expectation_mse":
        teacher, student = torch.tanh(teacher), torch.tanh(student).detach().requires_grad_()
    labels = rng.integers(0, classes, rows)
    labels[rng.permutation(rows)[:masked]] = -1
    value, hard, soft = evaluate(loss, reduction, temperature, alpha, teacher, student, torch.tensor(labels))
    value.backward()
    return {"loss": loss, "reduction": reduction, "temperature": temperature, "alpha": alpha, "rows": rows,
            "teacher": teacher.flatten().tolist(), "student": student.detach().flatten().tolist(),
            "labels": labels.tolist(), "value": value.item(), "hard": hard.item() if hard is not None else None,
            "soft": soft.item() if soft is not None else None, "gradient": student.grad.flatten().tolist()}


def loss_cases():
    cases = []
    for reduction in ("mean", "sum"):
        for loss in ("ce", "logit_mse", "expectation_mse"):
            cases.append(loss_case(loss, reduction, 1.0, 0.5, 6, 4, 2.0, 2 if loss == "ce" else 0))
        for temperature in (0.5, 1.0, 2.0, 4.0, 20.0):
            for alpha in (0.0, 0.25, 0.5, 0.9, 1.0):
                masked = 2 if alpha == 0.25 else 0
                cases.append(loss_case("kd", reduction, temperature, alpha, 4, 4, 3.0, masked))
    cases.append(loss_case("ce", "mean", 1.0, 0.5, 1, 2, 30.0, 0))
    cases.append(loss_case("kd", "mean", 3.0, 0.5, 1, 2, 30.0, 0))
    cases.append(loss_case("kd", "mean", 2.0, 0.7, 12, 10, 5.0, 9))
    return cases


def exact_softmax(scores, temperature):
    powers = [mp.exp(mp.mpf(z) / temperature) for z in scores]
    total = mp.fsum(powers)
    return [power / total for power in powers]


def exact_case(temperature, scale, distance):
    """One sample: T^2 KL and its gradient, the student `distance` away from the teacher."""
    teacher = scale * rng.standard_normal(5)
    student = teacher + distance * rng.standard_normal(5)
    t = mp.mpf(temperature)
    p, q = exact_softmax(teacher.tolist(), t), exact_softmax(student.tolist(), t)
    scaled = t ** 2 * mp.fsum(a * (mp.log(a) - mp.log(b)) for a, b in zip(p, q))
    return {"temperature": temperature, "teacher": teacher.tolist(), "student": student.tolist(),
            "value": float(scaled), "gradient": [float(t * (b - a)) for a, b in zip(p, q)]}


def exact_cases():
    return [exact_case(temperature, scale, distance)
            for temperature in (1e-3, 0.05, 1.0, 10.0, 1e3, 1e6)
            for scale, distance in ((1.0, 1.0), (3.0, 1e-3), (50.0, 10.0), (1.0, 1e-7), (1e4, 1e4))]


# --- optimisers -------------------------------------------------------------------------------------------------------

def optimizer_case(name, make, steps=50, weights=3):
    start = rng.standard_normal(weights)
    gradients = rng.standard_normal((steps, weights)) * np.exp(3 * rng.standard_normal((steps, 1)))
    gradients[:, -1] *= 1e-6
    parameter = torch.nn.Parameter(torch.tensor(start))
    optimizer, settings = make([parameter])
    path = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        path.append(parameter.detach().tolist())
    return {"optimizer": name, **settings, "start": start.tolist(), "gradients": gradients.flatten().tolist(),
            "path": [value for point in path for value in point]}


def settings(rate, momentum, decay):
    return {"learning_rate": rate, "momentum": momentum, "weight_decay": decay}


def optimizer_cases():
    def adam(kind, rate, decay):
        return lambda p: (kind(p, lr=rate, weight_decay=decay), settings(rate, 0.0, decay))

    def sgd(rate, momentum, decay):
        return lambda p: (torch.optim.SGD(p, lr=rate, momentum=momentum, weight_decay=decay),
                          settings(rate, momentum, decay))

    return [optimizer_case("adam", adam(torch.optim.Adam, 0.02, 0.0)),
            optimizer_case("adam", adam(torch.optim.Adam, 0.1, 0.3)),
            optimizer_case("adamw", adam(torch.optim.AdamW, 0.05, 0.0)),
            optimizer_case("adamw", adam(torch.optim.AdamW, 0.05, 0.2)),
            optimizer_case("sgd", sgd(0.01, 0.0, 0.0)),
            optimizer_case("sgd", sgd(0.01, 0.9, 0.0)),
            optimizer_case("sgd", sgd(0.003, 0.8, 0.1))]


def schedule_case(name, total=40, rate=0.3):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    kinds = {"constant": lambda: torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0),
             "linear": lambda: torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=total),
             "cosine": lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=total)}
    scheduler = kinds[name]()
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"schedule": name, "learning_rate": rate, "rates": rates}


# --- logistic regression ----------------------------------------------------------------------------------------------

def logistic_case(classes, features, rows, overlap):
    centres = rng.standard_normal((classes, features))
    labels = np.arange(rows) % classes
    x = centres[labels] + overlap * rng.standard_normal((rows, features))
    x = x * np.exp(rng.standard_normal(features)) * 3 + 10 * rng.standard_normal(features)
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=1.0, solver="lbfgs", tol=1e-12, max_iter=100000)
    model.fit(scaler.transform(x), labels)
    default = LogisticRegression().fit(scaler.transform(x), labels)
    queries = x.mean(0) + 2 * x.std(0) * rng.standard_normal((40, features))
    return {"classes": classes, "features": features, "x": x.flatten().tolist(), "labels": labels.tolist(),
            "coefficients": model.coef_.flatten().tolist(), "intercepts": model.intercept_.tolist(),
            "accuracy": model.score(scaler.transform(x), labels),
            "default_accuracy": default.score(scaler.transform(x), labels),
            "queries": queries.flatten().tolist(),
            "predictions": model.predict(scaler.transform(queries)).tolist(),
            "probabilities": model.predict_proba(scaler.transform(queries)).flatten().tolist()}


document = {
    "tools": {"python": sys.version.split()[0], "torch": torch.__version__.split("+")[0], "mpmath": mpmath.__version__,
              "scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "losses": loss_cases(),
    "exact": exact_cases(),
    "optimizers": optimizer_cases(),
    "schedules": [schedule_case(name) for name in ("constant", "linear", "cosine")],
    "logistic": [logistic_case(2, 3, 40, 1.5), logistic_case(2, 6, 60, 0.4), logistic_case(4, 5, 80, 1.2)],
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
