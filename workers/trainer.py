"""Trainer: the training loop. No Ray, no tracker, no files."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from workers.augmentation import AUGMENTATIONS
from workers.device import generator_states, mixed_precision, on_cpu, set_generator_states, wait_for
from workers.loss import loss_of
from workers.metrics import Diverged, evaluate
from workers.outcome import CurvePoint
from workers.recipe import Recipe
from workers.rows import Rows
from workers.rungs import scored_in_passing

WARM_UP_SHARE = 0.05
LARGEST_GRADIENT_NORM = 1.0
CURVE_POINTS = 20
"""Most points of the learning curve of a whole horizon, beside those where a segment stops."""
CHECK_STEPS = 25
"""Steps between two looks at whether losses are finite: a GPU is waited for at each."""
TIMED_STEPS = 100
"""Steps whose times are kept: a GPU is waited for after each of them."""


class TimedOut(Exception):
    """The time limit passed."""


class Trainer:
    """Trains one network with AdamW, linear warm-up and cosine annealing over `horizon` steps.

    Order of rows, augmentation, dropout and initialization follow from the seed (the caller seeds torch before it
    builds the network), so a run interrupted anywhere and resumed from `state` is the same run, its curve included.

    Args:
        network: called as `network(x)`, or `network(x, lengths)` where rows are padded; gives class scores `(batch,
            classes)`, standardized numbers `(batch, 1)` or, at each step, scores of tokens `(batch, steps, tokens)`.
        recipe: of the optimizer; a batch has no more rows than there are.
        rows: on the device of the training; the training rows, and the search rows that the curve is scored on.
        horizon: optimizer steps of the whole schedule.
        seed: fixes the order of rows and augmentation.

    Attributes:
        curve: a point after each epoch, but no more than `CURVE_POINTS` a horizon, at the rungs, where trainings are
            compared, and where `run` stopped.
        step: optimizer steps done.
        step_times: seconds of each of the first `TIMED_STEPS`.
    """

    def __init__(self, network: nn.Module, recipe: Recipe, rows: Rows, horizon: int, seed: int) -> None:
        self.train, self.search, self.metric = rows.train, rows.search, rows.metric
        self.device = self.train.y.device
        self.network = network.to(self.device)
        self.horizon = horizon
        self.seed = seed
        self.step = 0
        self.curve: list[CurvePoint] = []
        self.step_times: list[float] = []
        self.batch_size = min(recipe.batch_size, len(self.train))
        self.steps_per_epoch = len(self.train) // self.batch_size
        self.steps_per_point = self.steps_per_epoch * math.ceil(horizon / (CURVE_POINTS * self.steps_per_epoch))
        self.optimizer = torch.optim.AdamW(
            network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
        )
        self._peak = recipe.learning_rate
        self._parameters = list(network.parameters())
        self._loss = loss_of(rows.task.kind, self.train, recipe)
        self._augment = AUGMENTATIONS.get(recipe.augmentation)
        self._epoch = -1
        self._rungs = scored_in_passing(horizon)
        self._start_point()

    def run(self, stop: int, limit_seconds: float = math.inf, after_step: Callable[[], None] | None = None) -> None:
        """Trains until `stop` optimizer steps are done.

        Args:
            stop: counted from the start of the training.
            limit_seconds: longest time that this may take.
            after_step: called after each step but the last, for instance to keep a checkpoint now and then.

        Raises:
            Diverged: a loss was not finite, which is found within `CHECK_STEPS`, or an output is not.
            TimedOut: `limit_seconds` passed.
        """
        deadline = time.monotonic() + limit_seconds
        self.network.train()
        while self.step < stop:
            began = time.perf_counter()
            self._train_step()
            if len(self.step_times) < TIMED_STEPS:
                wait_for(self.device)
                self.step_times.append(time.perf_counter() - began)
            if self.step % self.steps_per_point == 0 or self.step in self._rungs or self.step == stop:
                self._end_point()
            elif self.step % CHECK_STEPS == 0:
                self._check()
            if self.step < stop and after_step is not None:
                after_step()
            if self.step < stop and time.monotonic() > deadline:
                raise TimedOut(f"still training after {limit_seconds:g} s, at step {self.step} of {stop}")

    def state(self) -> dict[str, Any]:
        """Everything that training goes on from, its tensors on the CPU; those already there are not copied."""
        state = {
            "step": self.step,
            "curve": [list(astuple(point)) for point in self.curve],
            "step_times": self.step_times,
            "losses": self._losses,
            "steps_of_point": self._steps_of_point,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": generator_states(self.device),
        }
        return on_cpu(state)

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from what `state` returned, perhaps in another process."""
        self.step = state["step"]
        self.curve = [CurvePoint(*point) for point in state["curve"]]
        self.step_times = list(state["step_times"])
        self._losses = state["losses"].to(self.device)
        self._steps_of_point = state["steps_of_point"]
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        set_generator_states(self.device, state["generators"])

    def learning_rate(self, step: int) -> float:
        """That of the step after `step` others. Loshchilov & Hutter 2017, equation 5, with a linear warm-up."""
        warm_up = max(1, round(WARM_UP_SHARE * self.horizon))
        if step < warm_up:
            return self._peak * (step + 1) / warm_up
        return self._peak * 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, self.horizon - warm_up)))

    def _train_step(self) -> None:
        rows = self._batch()
        x, *lengths = self.train.inputs(rows)
        if self._augment is not None:
            x = self._augment(x, torch.Generator().manual_seed((1_000_003 * self.seed + self.step) % 2**63))
        with mixed_precision(self.device):
            loss = self._loss(self.network(x, *lengths), self.train.targets(rows))
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, LARGEST_GRADIENT_NORM)
        self.optimizer.param_groups[0]["lr"] = self.learning_rate(self.step)
        self.optimizer.step()
        self.step += 1
        self._steps_of_point += 1
        self._losses += loss.detach()

    def _batch(self) -> Tensor:
        """Row numbers of the next batch; what does not fill a batch sits this epoch out."""
        epoch, batch = divmod(self.step, self.steps_per_epoch)
        if epoch != self._epoch:
            order = np.random.default_rng([self.seed, epoch]).permutation(len(self.train))
            self._epoch, self._order = epoch, torch.from_numpy(order).to(self.device)
        return self._order[batch * self.batch_size : (batch + 1) * self.batch_size]

    def _start_point(self) -> None:
        """Sums losses from here to the next point of the curve; on the device, so that no step waits for it."""
        self._losses = torch.zeros((), dtype=torch.float64, device=self.device)
        self._steps_of_point = 0

    def _end_point(self) -> None:
        self._check()
        loss = float(self._losses) / self._steps_of_point
        self.curve.append(CurvePoint(self.step, loss, evaluate(self.network, self.search, self.metric)))
        self._start_point()

    def _check(self) -> None:
        """Ends a training whose loss is no number any more.

        Their sum tells it of all of them, and a gradient that is not finite makes the next loss so, by way of the
        weights. A finite loss is never called diverged, however large: it may come down.
        """
        if not bool(self._losses.isfinite()):
            raise Diverged(f"the training loss was {float(self._losses)} at step {self.step} or shortly before")
