"""Schedules: each decides how far a proposal of the adaptive search is trained, and which is trained on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from search.objectives import CostsOf, no_costs
from search.trial import Trial
from spaces.registry import Registry

SCHEDULES: Registry[type[Schedule]] = Registry("schedule", "search.schedules")


class Schedule(ABC):
    """Pure logic over the trials' scores, so that a resumed study decides as the interrupted one would have.

    One schedule goes with one search: it may remember what it has read of its trials.

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

    @abstractmethod
    def promotion(self, trials: Sequence[Trial], spent: float) -> Trial | None:
        """A paused trial that deserves to be trained on; None where there is none.

        Args:
            trials: all of the phase.
            spent: share of the phase that is over.
        """
