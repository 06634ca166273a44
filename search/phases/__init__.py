"""Phases: each says which training comes next, from what the trials so far tell; none knows of Ray or storage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from search.plan import Plan
from search.trial import Trial
from workers.engine import Signal

SEEDS_A_STUDY = 100_000
"""Seeds and divisions of a study are numbered within a range of its own, so that two studies share none."""
CONTRAST_SEEDS, SHORTLIST_SEEDS, FRESH_SEEDS, RETRAINING_SEEDS = 30_000, 40_000, 50_000, 60_000
"""Where, in this range, the seeds of contrasts, shortlist, confirmation and of what is trained again after the study
begin; nothing before has seen them."""


@dataclass(frozen=True)
class Segment:
    """A training that a phase wants: a new trial, or a stored one taken further."""

    trial: Trial
    stop: int
    keeps_checkpoint: bool = False
    opens_test: bool = False


class Phase(ABC):
    """One part of a study.

    A phase holds no state that decisions follow from: what comes next follows from the trials it is given. That is
    why a study that was killed goes on where it stood. A trial that was interrupted is started again by the driver.

    Attributes:
        name: unique within a study.
        lets_next_start: whether the next phase may begin while the last trainings of this one still run, so that no
            worker idles. That phase must then look at the trials anew each time it is asked.
        overtaken_by: names of the phases behind it that may begin while it waits for outcomes, since they need nothing
            of it.
    """

    name: str
    lets_next_start: bool = False
    overtaken_by: frozenset[str] = frozenset()

    @abstractmethod
    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """The next training.

        Args:
            trials: all trials of this phase, those in flight included.

        Returns:
            A segment; `WAIT` while the outcome of one in flight decides; `DONE` when there is nothing more to start,
            whatever comes of those in flight.
        """

    @abstractmethod
    def expected(self) -> int | None:
        """How many trials it will have, as far as that is known; for the progress display."""

    def segment(self, trial: Trial) -> Segment:
        """The training of a trial that has not begun, or was interrupted: by default the whole of it."""
        return Segment(trial, trial.horizon)


def next_slot(wanted: Sequence[Trial], trials: Sequence[Trial]) -> Trial | None:
    """The first wanted trial that was never started."""
    started = {trial.slot for trial in trials}
    return next((trial for trial in wanted if trial.slot not in started), None)


def longest_first(trials: Sequence[Trial], plan: Plan) -> list[Trial]:
    """In the order in which their networks should be trained again, so that few workers wait at the end.

    Without a budget of time the order is told without a clock, so that it repeats.
    """
    return sorted(trials, key=lambda trial: -(trial.seconds if plan.is_timed else trial.size))


def pause(trials: Sequence[Trial]) -> Signal:
    """`WAIT` while a trial is in flight, `DONE` otherwise: for phases in which any outcome may bring more to start."""
    return Signal.WAIT if any(trial.in_flight for trial in trials) else Signal.DONE
