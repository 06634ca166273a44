"""Worker: runs work units one after the other in the process it lives in; every engine uses it."""

from __future__ import annotations

import statistics
import time
import traceback
from functools import lru_cache
from typing import Any

import torch

from spaces import LANDMARKS, landmark
from spaces.network import parameter_count
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset
from workers.limits import is_lack_of_memory, time_limit
from workers.outcome import Outcome, Status
from workers.recipe import Recipe
from workers.rows import Rows
from workers.trainer import Diverged, TimedOut, Trainer, evaluate
from workers.work_unit import WorkUnit


class Worker:
    """Trains candidates on one data set.

    Args:
        dataset: what all of them are trained on.
        checkpoints: where their states are kept between units.
        node: name of the machine, for the record.
    """

    def __init__(self, dataset: Dataset, checkpoints: Checkpoints, node: str) -> None:
        self._dataset = dataset
        self._checkpoints = checkpoints
        self._node = node
        # candidates of a block share a division, so the last few are worth keeping
        self._rows = lru_cache(maxsize=4)(lambda division: Rows.of(dataset, division))

    def warm_up(self) -> None:
        """Trains a step of nothing, so that the first unit does not pay for what torch loads on first use."""
        unit = WorkUnit(-1, landmark(LANDMARKS[0]), Recipe(), division=0, seed=0, start=0, stop=1, horizon=1)
        self.run(unit)

    def run(self, unit: WorkUnit) -> Outcome:
        """Trains the unit; whatever goes wrong is told by the outcome."""
        began = time.monotonic()
        self._parameters = 0
        fields: dict[str, Any]
        try:
            with time_limit(unit.limit_seconds):
                fields = self._train(unit)
        except Diverged as error:
            fields = {"status": Status.DIVERGED, "reason": str(error)}
        except TimedOut as error:
            fields = {"status": Status.TIMED_OUT, "reason": str(error)}
        except Exception as error:
            status = Status.OUT_OF_MEMORY if is_lack_of_memory(error) else Status.CRASHED
            traceback.clear_frames(error.__traceback__)  # the candidate's memory: telling what happened needs some
            fields = {"status": status, "reason": traceback.format_exc()}
        spent = time.monotonic() - began
        return Outcome(
            unit.trial, unit.start, unit.stop, seconds=spent, parameters=self._parameters, node=self._node, **fields
        )

    def _train(self, unit: WorkUnit) -> dict[str, Any]:
        rows = self._rows(unit.division)
        torch.manual_seed(unit.seed)
        network = unit.architecture.build(self._dataset.task)
        self._parameters = parameter_count(network)
        trainer = Trainer(network, unit.recipe, rows.train, rows.search, unit.horizon, unit.seed)
        # a checkpoint that is lost costs time and nothing else: from the start it is the same training
        if unit.start and self._checkpoints.path(unit.trial, unit.start).exists():
            trainer.restore(self._checkpoints.load(unit.trial, unit.start))
        curve = [point for point in trainer.run(unit.stop, unit.limit_seconds) if point.step > unit.start]
        if unit.keeps_checkpoint:
            self._checkpoints.save(unit.trial, unit.stop, trainer.state())
        return {
            "status": Status.TRAINED,
            "search_score": curve[-1].search_score,
            "confirm_score": evaluate(network, rows.confirm),
            "test_score": evaluate(network, rows.test) if unit.opens_test else None,
            "curve": tuple(curve),
            "step_seconds": statistics.median(trainer.step_times),
        }
