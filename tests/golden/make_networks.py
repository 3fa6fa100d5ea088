"""Golden trainings of an MLP and a CNN, from PyTorch in double precision: weights before and after 50 steps.

    python3 tests/golden/make_networks.py > tests/golden/networks.json

The batches are those of qstill's training loop: the order of epoch e is a Fisher-Yates shuffle by Philox4x32-10 with key
`seed` and counter (5, e, 0, index), which is written out here once more. Weights stand as qstill keeps them, layer by
layer: W then b, scale then shift; behind them running means and variances. Read by tests/golden/test_golden_networks.c,
which states the tolerance.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
torch.manual_seed(20261121)
rng = np.random.default_rng(20261121)

ROWS, BATCH, EPOCHS, SEED = 80, 16, 10, 9
ORDER = 5  # the purpose of these random numbers
MASK = 0xFFFFFFFF


# --- the order of rows ------------------------------------------------------------------------------------------------

def philox(counter, key):
    x, k = list(counter), list(key)
    for _ in range(10):
        first, second = x[0] * 0xD2511F53, x[2] * 0xCD9E8D57
        x = [(second >> 32) ^ x[1] ^ k[0], second & MASK, (first >> 32) ^ x[3] ^ k[1], first & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return x


def numbers(epoch):
    """64-bit numbers, two from each block, the lower words first."""
    index = 0
    while True:
        words = philox((ORDER, epoch, 0, index), (SEED & MASK, SEED >> 32))
        yield words[0] | words[1] << 32
        yield words[2] | words[3] << 32
        index += 1


def order(epoch):
    stream, rows = numbers(epoch), list(range(ROWS))
    for last in range(ROWS, 1, -1):
        number = next(stream)
        while number < (1 << 64) % last:
            number = next(stream)
        other = number % last
        rows[last - 1], rows[other] = rows[other], rows[last - 1]
    return rows


# --- networks ---------------------------------------------------------------------------------------------------------

def conv(channels, kernel, stride, padding):
    return {"kind": "conv", "size": channels, "kernel": [kernel] * 2, "stride": [stride] * 2, "padding": [padding] * 2}


def pool(kind, kernel):
    return {"kind": kind, "kernel": [kernel] * 2, "stride": [kernel] * 2, "padding": [0, 0]}


def dense(size):
    return {"kind": "dense", "size": size}


def plain(kind):
    return {"kind": kind}


NORM = {"kind": "batch_norm", "epsilon": 1e-5, "momentum": 0.1}

MLP = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 16), nn.BatchNorm1d(16), nn.GELU(), nn.Linear(16, 10),
                    nn.Tanh(), nn.Linear(10, 4))
MLP_LAYERS = [dense(24), plain("relu"), dense(16), NORM, plain("gelu"), dense(10), plain("tanh"), dense(4)]

CNN = nn.Sequential(nn.Conv2d(2, 5, 3, padding=1), nn.BatchNorm2d(5), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Conv2d(5, 6, 3, stride=2, padding=1), nn.LeakyReLU(0.1), nn.AvgPool2d(2), nn.Flatten(),
                    nn.Linear(6, 12), nn.Sigmoid(), nn.Linear(12, 3))
CNN_LAYERS = [conv(5, 3, 1, 1), NORM, plain("relu"), pool("max_pool", 2), conv(6, 3, 2, 1),
              {"kind": "leaky_relu", "rate": 0.1}, pool("avg_pool", 2), plain("flatten"), dense(12), plain("sigmoid"),
              dense(3)]


def weights_of(model):
    parameters = [p.detach().flatten() for p in model.parameters()]
    buffers = [b.flatten() for name, b in model.named_buffers() if "num_batches" not in name]
    return torch.cat(parameters + buffers).tolist()


def train(name, model, layers, shape, classes, make_optimizer, options):
    x = torch.tensor(rng.standard_normal((ROWS, *shape)).round(2))
    if len(shape) == 1:
        x_flat, image = x, [shape[0], 1, 1]
    else:
        x_flat, image = x.flatten(1), list(shape)
    labels = torch.tensor(rng.integers(0, classes, ROWS))
    before = weights_of(model)
    optimizer = make_optimizer(model.parameters())
    model.train()
    losses = []
    for epoch in range(EPOCHS):
        rows = order(epoch)
        for first in range(0, ROWS, BATCH):
            batch = rows[first:first + BATCH]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        scores = model(x)
    return {"name": name, "input": image, "layers": layers, "classes": classes, "seed": SEED, "batch": BATCH,
            "epochs": EPOCHS, **options, "x": x_flat.flatten().tolist(), "labels": labels.tolist(), "before": before,
            "after": weights_of(model), "losses": losses, "scores": scores.flatten().tolist()}


def write(value, indent):
    """One line a list of scalars."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    if not any(isinstance(item, (dict, list)) for item in inner):
        return json.dumps(value)
    keys = [json.dumps(key) + ": " for key in value] if isinstance(value, dict) else [""] * len(value)
    lines = [indent + " " + key + write(item, indent + " ") for key, item in zip(keys, inner)]
    brackets = "{}" if isinstance(value, dict) else "[]"
    return brackets[0] + "\n" + ",\n".join(lines) + "\n" + indent + brackets[1]


document = {
    "tools": {"python": sys.version.split()[0], "torch": torch.__version__.split("+")[0], "numpy": np.__version__},
    "trainings": [
        train("mlp", MLP, MLP_LAYERS, (12,), 4,
              lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-3),
              {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 1e-3}),
        train("cnn", CNN, CNN_LAYERS, (2, 8, 8), 3, lambda p: torch.optim.Adam(p, lr=0.01),
              {"optimizer": "adam", "learning_rate": 0.01, "momentum": 0, "weight_decay": 0}),
    ],
}
sys.stdout.write(write(document, "") + "\n")
