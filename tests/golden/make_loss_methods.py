"""Golden values for the losses beyond ce, kd and the squared errors, from PyTorch's autograd.

    python3 tests/golden/make_loss_methods.py > tests/golden/loss_methods.json

Each is written down here as its paper or its authors' code has it, on PyTorch's own functions where there are some. The
versions used stand in the file; double precision on the CPU. Read by tests/golden/test_golden_loss_methods.c, which states
the tolerance.
"""
import itertools
import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
rng = np.random.default_rng(20250805)


# --- parts ------------------------------------------------------------------------------------------------------------

def kl_rows(teacher_log, student_log):
    """KL of each row, from logarithms of probabilities."""
    return F.kl_div(student_log, teacher_log, reduction="none", log_target=True).sum(1)


def softened(scores, temperature):
    return F.log_softmax(scores / temperature, 1)


def standardised(scores):
    return (scores - scores.mean(1, keepdim=True)) / scores.std(1, keepdim=True, unbiased=False)


def correlations(a, b):
    """Pearson's, of each row."""
    return F.cosine_similarity(a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True), dim=1)


def distances(rows):
    """Of all pairs over the mean of those above 0, as in the code of Park et al."""
    apart = (rows.unsqueeze(0) - rows.unsqueeze(1)).pow(2).sum(2)
    d = torch.where(apart > 0, apart, torch.ones_like(apart)).sqrt() * (apart > 0)
    return d / d[d > 0].mean()


def angles(rows):
    u = F.normalize(rows.unsqueeze(0) - rows.unsqueeze(1), p=2, dim=2)
    return torch.bmm(u, u.transpose(1, 2)).flatten()


def similarities(rows):
    return F.normalize(rows @ rows.T, p=2, dim=1)


def fidelity_similarities(rows):
    """Of states, rows of Re and Im by turns."""
    states = torch.complex(rows[:, 0::2], rows[:, 1::2])
    return F.normalize((states.conj() @ states.T).abs().pow(2), p=2, dim=1)


def neighbours(rows):
    """As in the code of Passalis and Tefas."""
    unit = F.normalize(rows, p=2, dim=1)
    kernel = (unit @ unit.T + 1) / 2
    return kernel / kernel.sum(1, keepdim=True)


def hamming_kernel(n, width):
    return torch.tensor([[math.exp(-bin(a ^ b).count("1") / (2 * width ** 2)) for b in range(n)] for a in range(n)])


def decoupled(t, z, labels, temperature, target, nontarget):
    """Of each row; a row without a label takes the teacher's best class."""
    labels = torch.where(labels < 0, t.argmax(1), labels)
    mask = F.one_hot(labels, t.shape[1]).bool()
    p, q = softened(t, temperature).exp(), softened(z, temperature).exp()
    two_p = torch.stack([p[mask], p[~mask].view(len(p), -1).sum(1)], 1)
    two_q = torch.stack([q[mask], q[~mask].view(len(q), -1).sum(1)], 1)
    tckd = (two_p * (two_p.log() - two_q.log())).sum(1)
    others_t, others_z = t[~mask].view(len(t), -1), z[~mask].view(len(z), -1)
    nckd = kl_rows(softened(others_t, temperature), softened(others_z, temperature))
    return target * tckd + nontarget * nckd


# --- the losses: value of each sample, or of the batch, without and with T^2 ------------------------------------------

def part(name, t, z, labels, temperature, n):
    """(values, scale): of rows, or one number for the whole batch; scale is T^2 where the loss has it."""
    scale = temperature ** 2
    if name == "huber":
        return F.huber_loss(z, t, delta=n["delta"], reduction="none").sum(1), 1
    if name == "logit_standardization":
        return kl_rows(softened(standardised(t), temperature), softened(standardised(z), temperature)), scale
    if name == "dkd":
        return decoupled(t, z, labels, temperature, n["target"], n["nontarget"]), scale
    if name in ("dist", "dist_raw"):
        if name == "dist":
            t, z = softened(t, temperature).exp(), softened(z, temperature).exp()
        inter, intra = 1 - correlations(z, t).mean(), 1 - correlations(z.T, t.T).mean()
        return n["inter"] * inter + n["intra"] * intra, scale if name == "dist" else 1
    if name == "rkd_distance":
        return F.smooth_l1_loss(distances(z), distances(t)), 1
    if name == "rkd_angle":
        return F.smooth_l1_loss(angles(z), angles(t)), 1
    if name == "similarity_preserving":
        return (similarities(z) - similarities(t)).pow(2).sum() / len(z) ** 2, 1
    if name == "similarity_fidelity":
        return (fidelity_similarities(z) - fidelity_similarities(t)).pow(2).sum() / len(z) ** 2, 1
    if name == "pkt":
        return F.kl_div(neighbours(z).log(), neighbours(t), reduction="batchmean"), 1
    if name == "kernel_alignment":
        return 1 - F.cosine_similarity((z @ z.T).flatten(), (t @ t.T).flatten(), dim=0), 1
    if name == "distribution_kl":
        return F.kl_div(z.log(), t, reduction="none").sum(1) - t.sum(1) + z.sum(1), 1
    if name == "distribution_js":
        mean = (t + z) / 2
        return (F.kl_div(mean.log(), t, reduction="none") + F.kl_div(mean.log(), z, reduction="none")).sum(1) / 2, 1
    if name == "distribution_tvd":
        return (t - z).abs().sum(1) / 2, 1
    if name == "distribution_hellinger":
        return (t.sqrt() - z.sqrt()).pow(2).sum(1) / 2, 1
    if name == "distribution_mmd":
        return ((z - t) @ hamming_kernel(z.shape[1], n["width"]) * (z - t)).sum(1), 1
    if name == "label_smoothing":
        known = labels >= 0
        return F.cross_entropy(z[known], labels[known], label_smoothing=n["smoothing"], reduction="none"), 1
    if name == "tf_kd":
        known, classes = labels >= 0, z.shape[1]
        virtual = torch.full((int(known.sum()), classes), (1 - n["confidence"]) / (classes - 1))
        virtual[torch.arange(len(virtual)), labels[known]] = n["confidence"]
        return kl_rows(softened(virtual.log(), temperature), softened(z[known], temperature)), scale
    raise ValueError(name)


DEFAULTS = {"delta": 1.0, "target": 1.0, "nontarget": 8.0, "inter": 1.0, "intra": 1.0, "width": 1.0, "smoothing": 0.1,
            "confidence": 0.9}
WITH_ALPHA = {"logit_standardization", "dkd", "dist", "dist_raw", "rkd_distance", "rkd_angle", "similarity_preserving",
              "pkt", "kernel_alignment", "tf_kd"}


def reduce(values, reduction, rows):
    if values.dim() == 0:
        return values if reduction == "mean" else rows * values
    return values.mean() if reduction == "mean" else values.sum()


def case(name, reduction="mean", temperature=1.0, alpha=0.5, rows=6, classes=5, size=2.0, masked=0, **numbers):
    teacher = torch.tensor(size * rng.standard_normal((rows, classes)))
    student = torch.tensor(size * rng.standard_normal((rows, classes)))
    if name.startswith("distribution"):
        teacher, student = F.softmax(teacher, 1), F.softmax(student, 1)
    if name == "similarity_fidelity":
        teacher = torch.tensor(rng.standard_normal((rows, 2 * classes)))  # one qubit more
        teacher, student = F.normalize(teacher, dim=1), F.normalize(student, dim=1)
    student.requires_grad_()
    labels = rng.integers(0, classes, rows)
    labels[rng.permutation(rows)[:masked]] = -1
    labels = torch.tensor(labels)
    numbers = {**DEFAULTS, **numbers}
    values, scale = part(name, teacher, student, labels, temperature, numbers)
    soft, hard = reduce(values, reduction, rows), None
    value = scale * soft
    if name in WITH_ALPHA:
        hard = F.cross_entropy(student, labels, ignore_index=-1, reduction=reduction)
        value = (1 - alpha) * hard + alpha * value
    if name == "label_smoothing":
        hard, soft = soft, None
    value.backward()
    return {"loss": name, "reduction": reduction, "temperature": temperature, "alpha": alpha, "numbers": numbers,
            "rows": rows, "teacher": teacher.flatten().tolist(), "student": student.detach().flatten().tolist(),
            "labels": labels.tolist(), "value": value.item(), "hard": hard.item() if hard is not None else None,
            "soft": soft.item() if soft is not None else None, "gradient": student.grad.flatten().tolist()}


def cases():
    out = []
    both = ("mean", "sum")
    for reduction in both:
        for delta in (0.5, 1.0, 3.0):
            out.append(case("huber", reduction, delta=delta))
        for temperature, alpha in itertools.product((0.5, 1.0, 2.0, 4.0), (0.0, 0.3, 1.0)):
            masked = 2 if alpha == 0.3 else 0
            for name in ("logit_standardization", "dkd", "dist", "tf_kd"):
                out.append(case(name, reduction, temperature, alpha, masked=masked))
        out.append(case("dkd", reduction, 4.0, 0.5, target=1.0, nontarget=0.0))
        out.append(case("dkd", reduction, 4.0, 0.5, target=0.0, nontarget=2.0, classes=10))
        out.append(case("dist", reduction, 1.0, 0.5, inter=2.0, intra=0.5, rows=9, classes=3))
        out.append(case("dist", reduction, 2.0, 1.0, inter=0.0, rows=7, classes=2))
        out.append(case("tf_kd", reduction, 20.0, 0.1, confidence=0.99, classes=10))
        for name in ("dist_raw", "rkd_distance", "rkd_angle", "similarity_preserving", "pkt", "kernel_alignment"):
            for alpha, rows, classes in ((0.0, 5, 4), (0.4, 6, 3), (1.0, 8, 5), (1.0, 3, 10)):
                out.append(case(name, reduction, 1.0, alpha, rows=rows, classes=classes, masked=1))
        for name in ("kl", "js", "tvd", "hellinger", "mmd"):
            for rows, classes, size in ((4, 8, 1.0), (3, 16, 3.0), (1, 2, 0.3)):
                out.append(case("distribution_" + name, reduction, rows=rows, classes=classes, size=size))
        out.append(case("distribution_mmd", reduction, rows=3, classes=32, width=0.4))
        out.append(case("distribution_mmd", reduction, rows=3, classes=32, width=3.0))
        for rows, classes in ((5, 4), (7, 8), (3, 32)):
            out.append(case("similarity_fidelity", reduction, rows=rows, classes=classes))
        for smoothing in (0.0, 0.1, 0.5):
            out.append(case("label_smoothing", reduction, smoothing=smoothing, masked=2))
    return out


document = {"tools": {"python": sys.version.split()[0], "torch": torch.__version__.split("+")[0],
                      "numpy": np.__version__},
            "losses": cases()}


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
