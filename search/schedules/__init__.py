"""Schedules: each decides how far a proposal of the adaptive search is trained, and which is trained on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from search.objectives import CostsOf, no_costs
from search.samplers.dominance import survival_order
from search.trial import Trial
from spaces.registry import Registry

SCHEDULES: Registry[type[Schedule]] = Registry("schedule", "search.schedules")


class Schedule(ABC):
    """Pure logic over the trials' scores, so that a resumed study decides as the interrupted one would have.

    Args:
        horizon: optimizer steps of a full training.
        epoch: optimizer steps of one pass over the train rows in batches of 32.
        before: all trials of the study, as they come; those of the census tell how well early scores rank.
        costs: what the study wants little of beside a high score, from a trial.
    """

    def __init__(self, horizon: int, epoch: int, before: Sequence[Trial] = (), costs: CostsOf = no_costs) -> None:
        self.horizon = horizon
        self.epoch = min(epoch, horizon)
        self.before = before
        self._costs = costs

    @property
    @abstractmethod
    def rungs(self) -> tuple[int, ...]:
        """Optimizer steps after which trainings are compared, ascending; the last is the horizon."""

    @abstractmethod
    def stop(self, trial: Trial) -> int:
        """Where the next segment of a trial ends."""

    def takes_new(self, trials: Sequence[Trial], spent: float) -> bool:
        """Whether new trials may start.

        Args:
            trials: all of the phase.
            spent: share of the phase that is over.
        """
        return True

    def best_first(self, trials: Sequence[Trial], step: int) -> list[Trial]:
        """Trials with a score at a step, best first; where costs count, by front and then the less crowded."""
        losses = np.array([[-(trial.score_at(step) or 0.0), *self._costs(trial)] for trial in trials])
        if losses.size == len(trials):
            return [trials[place] for place in np.argsort(losses.ravel(), kind="stable")]
        return [trials[place] for place in survival_order(np.nan_to_num(losses, nan=np.inf))]

    @abstractmethod
    def promotion(self, trials: Sequence[Trial], spent: float) -> Trial | None:
        """A paused trial that deserves to be trained on; None where there is none.

        Args:
            trials: all of the phase.
            spent: share of the phase that is over.
        """
