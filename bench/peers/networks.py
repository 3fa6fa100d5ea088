#!/usr/bin/env python3
"""networks.py: training of an MLP and a CNN by PyTorch and by qstill, by turns in one run, and the ratio of their times.

    bench/peers/networks.py [--qstill build/release/qstill] [--threads 2] [--batch 128] [--rounds 5] [--seconds 1.5]

Both train the networks of `qstill bench network` (cli/bench_network.c) with Adam on random rows: a step is everything
from picking the rows of a batch to the moved weights. PyTorch is tried in several ways (its plain and its fused Adam; images
in the usual order and channels last), and the fastest counts. A turn is the fastest step of a while (qstill: the fastest
of short trainings, over their steps); a round gives each a turn; the ratio is of medians over rounds, the best of all
rounds is beside it. Needs torch (requirements.txt of tests/golden has the version)."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
N_BATCHES, N_STEPS = 20, 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qstill", default=ROOT / "build/release/qstill")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args()


options = arguments()
os.environ["OMP_NUM_THREADS"] = str(options.threads)
import torch  # noqa: E402  its threads are told before it comes
from torch import nn  # noqa: E402


# --- PyTorch ----------------------------------------------------------------------------------------------------------

def mlp():
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))


def cnn():
    return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1),
                         nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 7 * 7, 128), nn.ReLU(),
                         nn.Linear(128, 10))


class Training:
    """One way to train one network; step() does one batch."""

    def __init__(self, network, fused, channels_last):
        torch.manual_seed(1)
        rows = options.batch * N_BATCHES
        self.model = network()
        self.x = torch.rand(rows, 784) if network is mlp else torch.rand(rows, 1, 28, 28)
        if channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.x = self.x.contiguous(memory_format=torch.channels_last)
        self.labels = torch.randint(0, 10, (rows,))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=fused)
        self.loss = nn.CrossEntropyLoss()
        self.at, self.order = 0, torch.randperm(rows)

    def step(self):
        if self.at == N_BATCHES:
            self.at, self.order = 0, torch.randperm(len(self.x))
        rows = self.order[self.at * options.batch:(self.at + 1) * options.batch]
        self.at += 1
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(self.model(self.x[rows]), self.labels[rows]).backward()
        self.optimizer.step()

    def turn(self, seconds):
        """Milliseconds of a step: the least over runs of N_STEPS."""
        best, until = float("inf"), time.perf_counter() + seconds
        while time.perf_counter() < until:
            start = time.perf_counter()
            for _ in range(N_STEPS):
                self.step()
            best = min(best, (time.perf_counter() - start) / N_STEPS)
        return 1e3 * best


def ways(network):
    for fused in (False, True):
        for channels_last in (False, True) if network is cnn else (False,):
            name = ("fused Adam" if fused else "Adam") + (", channels last" if channels_last else "")
            yield name, Training(network, fused, channels_last)


def fastest(network):
    tried = [(training.turn(1.0), name, training) for name, training in ways(network)]
    return min(tried, key=lambda entry: entry[0])[1:]


# --- qstill -----------------------------------------------------------------------------------------------------------

def qstill_turn(seconds):
    """Milliseconds of a step by name of the network."""
    done = subprocess.run([options.qstill, "bench", "network", "--json", "-q", "--precision", "single", "--threads",
                           str(options.threads), "--batch", str(options.batch), "--seconds", str(seconds)],
                          check=True, capture_output=True, text=True)
    return {row["network"]: row["ms_per_step"] for row in json.loads(done.stdout)}


# --- by turns ---------------------------------------------------------------------------------------------------------

def main():
    torch.set_num_threads(options.threads)
    peers = {"mlp": fastest(mlp), "cnn": fastest(cnn)}
    times = {name: {"torch": [], "qstill": []} for name in peers}
    for _ in range(options.rounds):
        for name, (_, training) in peers.items():
            times[name]["torch"].append(training.turn(options.seconds))
        time.sleep(0.5)  # its threads spin for a while after work
        for name, ms in qstill_turn(options.seconds).items():
            times[name]["qstill"].append(ms)
    rows = []
    for name, (way, _) in peers.items():
        torch_ms, qstill_ms = times[name]["torch"], times[name]["qstill"]
        rows.append({"network": name, "batch": options.batch, "threads": options.threads,
                     "torch": torch.__version__.split("+")[0], "way": way, "torch_ms": min(torch_ms),
                     "qstill_ms": min(qstill_ms),
                     "ratio": statistics.median(torch_ms) / statistics.median(qstill_ms),
                     "ratio_of_best": min(torch_ms) / min(qstill_ms)})
    if options.json:
        print(json.dumps(rows))
        return 0
    print("network  torch ms/step  qstill ms/step  torch/qstill: medians  best  (PyTorch's fastest way)")
    for row in rows:
        print(f"{row['network']:8} {row['torch_ms']:13.3f} {row['qstill_ms']:15.3f} {row['ratio']:22.2f} "
              f"{row['ratio_of_best']:5.2f}  ({row['way']}, torch {row['torch']})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
