"""Speed of our training loop beside a bare one, as ratios within one run: `python benchmarks/trainer.py`.

The bare loop is what a person writes by hand for the same network, tensors and schedule: a permutation, cross-entropy,
fused AdamW, clipped gradients; no curve, no checks, no clock. Ours scores nothing here either: scoring is cheap or dear
by the size of the set, not by the loop. Chunks of both alternate, so that whatever else the machine does hits both.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

from spaces import landmark
from spaces.network import parameter_count
from workers.datasets import load_dataset
from workers.recipe import Recipe
from workers.rows import Rows
from workers.trainer import LARGEST_GRADIENT_NORM, WARM_UP_SHARE, Trainer

CASES = {"digits": ("deep_fnn", "resnet", "vit"), "waveforms": ("lstm", "tcn")}


class BareLoop:
    """A hand-written training of a network on the train rows."""

    def __init__(self, network: nn.Module, recipe: Recipe, rows: Rows, horizon: int) -> None:
        self.network, self.recipe, self.horizon = network, recipe, horizon
        self.x, self.y = rows.train.x, rows.train.y
        self.parameters = list(network.parameters())
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
        )
        self.step = 0

    def run(self, steps: int) -> None:
        """Trains for so many further steps."""
        size, warm_up = self.recipe.batch_size, round(WARM_UP_SHARE * self.horizon)
        epoch = len(self.y) // size
        for _ in range(steps):
            if self.step % epoch == 0:
                self.order = torch.randperm(len(self.y))
            start = self.step % epoch * size
            rows = self.order[start : start + size]
            loss = F.cross_entropy(self.network(self.x[rows]), self.y[rows])
            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.parameters, LARGEST_GRADIENT_NORM)
            cosine = 0.5 * (1 + math.cos(math.pi * (self.step - warm_up) / (self.horizon - warm_up)))
            factor = (self.step + 1) / warm_up if self.step < warm_up else cosine
            self.optimizer.param_groups[0]["lr"] = self.recipe.learning_rate * factor
            self.optimizer.step()
            self.step += 1


def seconds_of(run: object, *arguments: int) -> float:
    """How long a call takes: CPU time of this one thread, which others on the machine do not lengthen much."""
    began = time.process_time()
    run(*arguments)  # type: ignore[operator]
    return time.process_time() - began


def compare(rows: Rows, name: str, chunks: int, steps: int) -> tuple[float, float, int]:
    """Median over chunks of our speed by that of the bare loop, median seconds of its step, trained parameters."""
    horizon, recipe = (chunks + 1) * steps, Recipe()
    torch.manual_seed(0)
    networks = [landmark(name, rows.task).build(rows.task) for _ in range(2)]
    trainer, bare = Trainer(networks[0], recipe, rows, horizon, seed=0), BareLoop(networks[1], recipe, rows, horizon)
    trainer._end_point = trainer._start_point  # type: ignore[method-assign]  # scoring is measured nowhere
    trainer.run(steps)
    bare.run(steps)
    ratios, bare_seconds = [], []
    for chunk in range(1, chunks + 1):
        stop = (chunk + 1) * steps
        if chunk % 2:
            ours, theirs = seconds_of(trainer.run, stop), seconds_of(bare.run, steps)
        else:
            theirs, ours = seconds_of(bare.run, steps), seconds_of(trainer.run, stop)
        ratios.append(theirs / ours)
        bare_seconds.append(theirs / steps)
    return statistics.median(ratios), statistics.median(bare_seconds), parameter_count(networks[0])


def main() -> None:
    """Prints a row a data set and landmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=40)
    parser.add_argument("--steps", type=int, default=25, help="of each chunk")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("| data | landmark | parameters | step of the bare loop | our speed |\n|---|---|---|---|---|")
    for source, names in CASES.items():
        rows = Rows.of(load_dataset(source), 0)
        for name in names:
            ratio, seconds, parameters = compare(rows, name, arguments.chunks, arguments.steps)
            print(f"| {source} | {name} | {parameters:,} | {1000 * seconds:.2f} ms | {ratio:.1%} |", flush=True)


if __name__ == "__main__":
    main()
