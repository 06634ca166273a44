"""Worker: runs work units one after the other in the process it lives in; every engine uses it."""

from __future__ import annotations

import statistics
import traceback
from functools import lru_cache, partial
from typing import Any

import torch

from spaces import landmark
from spaces.cost import flops
from spaces.landmarks import natural_landmarks
from spaces.network import parameter_count
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset
from workers.device import training_device
from workers.latency import latency_seconds
from workers.limits import is_lack_of_memory, time_limit
from workers.maker import maker
from workers.metrics import Diverged, evaluate
from workers.outcome import Outcome, Status
from workers.recipe import Recipe
from workers.rows import Rows
from workers.trainer import TimedOut, Trainer
from workers.unit_checkpoint import NotKept, UnitCheckpoint
from workers.work_unit import WorkUnit

CHECKPOINT_SECONDS = 120.0


class Worker:
    """Trains candidates on one data set, on the GPU where there is one.

    Args:
        dataset: what all of them are trained on.
        checkpoints: where their states are kept between units.
        node: name of the machine, for the record.
        checkpoint_seconds: time between two states that are kept within a unit.
    """

    def __init__(
        self, dataset: Dataset, checkpoints: Checkpoints, node: str, checkpoint_seconds: float = CHECKPOINT_SECONDS
    ) -> None:
        self._dataset = dataset
        self._checkpoints = checkpoints
        self._node = node
        self._checkpoint_seconds = checkpoint_seconds
        device = training_device()
        # candidates of a block share a division, so the last few are worth keeping
        self._rows = lru_cache(maxsize=4)(lambda *division: Rows.of(dataset, *division).to(device))

    def warm_up(self) -> None:
        """Trains a step of nothing, so that the first unit does not pay for what torch loads on first use."""
        task = self._dataset.task
        architecture = landmark(natural_landmarks(task)[0], task)
        unit = WorkUnit(-1, architecture, Recipe(), division=0, seed=0, start=0, stop=1, horizon=1)
        self.run(unit)

    def run(self, unit: WorkUnit) -> Outcome:
        """Trains the unit; whatever goes wrong with the candidate is told by the outcome.

        Raises:
            NotKept: its state is needed and cannot be written.
        """
        self._parameters = 0
        checkpoint = UnitCheckpoint(self._checkpoints, unit, self._checkpoint_seconds)
        fields: dict[str, Any]
        try:
            with time_limit(unit.limit_seconds):
                fields = self._train(unit, checkpoint)
        except Diverged as error:
            fields = {"status": Status.DIVERGED, "reason": str(error)}
        except TimedOut as error:
            fields = {"status": Status.TIMED_OUT, "reason": str(error)}
        except NotKept:
            raise
        except Exception as error:
            status = Status.OUT_OF_MEMORY if is_lack_of_memory(error) else Status.CRASHED
            traceback.clear_frames(error.__traceback__)  # the candidate's memory: telling what happened needs some
            fields = {"status": status, "reason": traceback.format_exc()}
        if not unit.keeps_checkpoint or fields["status"] is not Status.TRAINED:
            checkpoint.remove()
        return Outcome(
            unit.trial,
            unit.start,
            unit.stop,
            seconds=checkpoint.seconds,
            parameters=self._parameters,
            maker=maker(),
            node=self._node,
            **fields,
        )

    def _train(self, unit: WorkUnit, checkpoint: UnitCheckpoint) -> dict[str, Any]:
        rows = self._rows(unit.division, unit.opens_test)
        torch.manual_seed(unit.seed)
        network = unit.architecture.build(self._dataset.task)
        self._parameters = parameter_count(network)
        trainer = Trainer(network, unit.recipe, rows, unit.horizon, unit.seed)
        checkpoint.restore(trainer)
        # a checkpoint that is lost costs time and nothing else: from the beginning it is the same training
        for stop in (unit.start, unit.stop):
            trainer.run(stop, unit.limit_seconds, partial(checkpoint.save_if_due, trainer))
        if unit.keeps_checkpoint:
            checkpoint.save(trainer)
        return {
            "status": Status.TRAINED,
            "search_score": trainer.curve[-1].search_score,
            "confirm_score": evaluate(network, rows.confirm, rows.metric),
            "test_score": evaluate(network, rows.test, rows.metric) if unit.opens_test else None,
            "curve": tuple(point for point in trainer.curve if point.step > unit.start),
            "flops": self._flops(unit) if unit.start == 0 else None,
            "latency_seconds": latency_seconds(network, rows.search) if unit.measures_latency else None,
            "step_seconds": statistics.median(trainer.step_times),
        }

    def _flops(self, unit: WorkUnit) -> int | None:
        """Counted here, since it takes as long as a driver of a thousand workers has for a trial."""
        try:
            return flops(unit.architecture, self._dataset.task)
        except Exception:  # an operation of a user's may train and yet not be countable
            return None
