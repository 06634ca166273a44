"""Trainer: the training loop. No Ray, no tracker, no files."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workers.metrics import accuracy
from workers.outcome import CurvePoint
from workers.recipe import Recipe
from workers.rows import Labelled

WARM_UP_SHARE = 0.05
LARGEST_GRADIENT_NORM = 1.0
EVALUATION_BATCH = 128  # little above a training batch: scoring must not need more memory than training


class Diverged(Exception):
    """The loss or a class score is no longer finite."""


class TimedOut(Exception):
    """The time limit passed."""


class Trainer:
    """Trains one network with AdamW, linear warm-up and cosine annealing over `horizon` steps.

    Order of rows, dropout and initialization follow from the seed (the caller seeds torch before it builds the
    network), so a run interrupted anywhere and resumed from `state` is the same run.

    Args:
        network: called as `network(x)`, or `network(x, lengths)` where rows are padded, for class scores
            `(batch, classes)`; see `Labelled`.
        recipe: learning rate, weight decay, batch size.
        train: the training rows.
        search: the rows the learning curve is scored on, once an epoch.
        horizon: optimizer steps of the whole schedule.
        seed: fixes the order of rows.
    """

    def __init__(
        self, network: nn.Module, recipe: Recipe, train: Labelled, search: Labelled, horizon: int, seed: int
    ) -> None:
        self.network = network
        self.train = train
        self.search = search
        self.horizon = horizon
        self.seed = seed
        self.step = 0
        self.step_times: list[float] = []  # seconds
        self.batch_size = min(recipe.batch_size, len(train))
        self.steps_per_epoch = len(train) // self.batch_size
        self.optimizer = torch.optim.AdamW(
            network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._learning_rate_factor)

    def run(self, stop: int, limit_seconds: float = math.inf) -> list[CurvePoint]:
        """Trains until `stop` optimizer steps are done.

        Returns:
            The learning curve: a point after each epoch and one at `stop`.

        Raises:
            Diverged: the loss is not finite.
            TimedOut: `limit_seconds` passed.
        """
        deadline = time.monotonic() + limit_seconds
        curve: list[CurvePoint] = []
        losses: list[Tensor] = []
        self.network.train()
        while self.step < stop:
            began = time.perf_counter()
            losses.append(self._train_step(self._batch()))
            self.step_times.append(time.perf_counter() - began)
            if self.step % self.steps_per_epoch == 0 or self.step == stop:
                curve.append(self._curve_point(losses))
                losses.clear()
            if self.step < stop and time.monotonic() > deadline:
                raise TimedOut(f"still training after {limit_seconds:g} s, at step {self.step} of {stop}")
        return curve

    def state(self) -> dict[str, Any]:
        """Everything that training goes on from."""
        return {
            "step": self.step,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": torch.get_rng_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from what `state` returned, perhaps in another process."""
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["generator"])

    def _train_step(self, rows: Tensor) -> Tensor:
        loss = F.cross_entropy(self.network(*self.train.inputs(rows)), self.train.y[rows])
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT_NORM)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        return loss.detach()

    def _batch(self) -> Tensor:
        """Row numbers of the next batch; what does not fill a batch sits this epoch out."""
        epoch, batch = divmod(self.step, self.steps_per_epoch)
        if batch == 0 or not hasattr(self, "_order"):
            order = np.random.default_rng([self.seed, epoch]).permutation(len(self.train))
            self._order = torch.from_numpy(order)
        return self._order[batch * self.batch_size : (batch + 1) * self.batch_size]

    def _curve_point(self, losses: list[Tensor]) -> CurvePoint:
        loss = float(torch.stack(losses).mean())
        if not math.isfinite(loss):
            raise Diverged(f"the training loss was {loss} at step {self.step}")
        return CurvePoint(self.step, loss, evaluate(self.network, self.search))

    def _learning_rate_factor(self, step: int) -> float:
        warm_up = max(1, round(WARM_UP_SHARE * self.horizon))
        if step < warm_up:
            return (step + 1) / warm_up
        return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, self.horizon - warm_up)))


@torch.inference_mode()
def evaluate(network: nn.Module, rows: Labelled) -> float:
    """Score of a network, left in training mode afterwards if it was.

    Raises:
        Diverged: a class score is not finite.
    """
    was_training = network.training
    network.eval()
    batches = (slice(start, start + EVALUATION_BATCH) for start in range(0, len(rows), EVALUATION_BATCH))
    logits = torch.cat([network(*rows.inputs(batch)) for batch in batches])
    network.train(was_training)
    if not bool(logits.isfinite().all()):
        raise Diverged("a class score is not finite")
    return accuracy(logits, rows.y)
