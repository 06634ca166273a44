"""Record: what a report is made from, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from search.phases.ranking import COMPARABLE_PHASES, comparable
from search.specification import Specification
from search.trial import Trial
from search.verdict.document import VerdictDocument
from spaces import SearchSpace
from spaces.shapes import Task


@dataclass(frozen=True)
class Record:
    """A finished study as it is recorded; equal records make equal reports, to the byte.

    Attributes:
        specification: what was asked for.
        created: when, in UTC.
        trials: all trials, in the order in which they began.
        verdict: what it ended in.
    """

    specification: Specification
    created: datetime
    trials: Sequence[Trial]
    verdict: VerdictDocument

    @property
    def space(self) -> SearchSpace:
        """What was asked for, however coarse what was searched."""
        return self.specification.asked or self.specification.space

    @property
    def task(self) -> Task | None:
        """What networks were for; earlier versions did not always record it."""
        return self.space.task

    @property
    def value_range(self) -> tuple[float, float]:
        """The least and the largest value of the metric that a score can have."""
        metric = self.specification.metric
        low, high = sorted((metric.value(0.0), metric.value(1.0)))
        return low, high

    def value(self, score: float) -> float:
        """A score as a value of the metric."""
        return self.specification.metric.value(score)

    def of_phase(self, phase: str) -> list[Trial]:
        """Its trials."""
        return [trial for trial in self.trials if trial.phase == phase]

    @property
    def horizon(self) -> int:
        """Optimizer steps of a full training; 0 where there was none."""
        return next((trial.horizon for trial in self.trials if trial.phase in COMPARABLE_PHASES), 0)

    @property
    def full_trainings(self) -> list[Trial]:
        """Those whose scores can be compared with one another: whole trainings of landmarks, census and search."""
        return comparable(self.trials, self.horizon) if self.horizon else []
