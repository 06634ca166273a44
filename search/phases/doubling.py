"""Doubling check: does a ranking still hold when everybody trains twice as long?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.phases import Phase, Segment, next_slot
from search.trial import Trial, TrialState
from workers.engine import Signal


class Doubling(Phase):
    """Trains each family's best census configurations again, from scratch, for twice the horizon.

    From scratch, because a slope read off an annealed curve says nothing. Division and seed stay those of the census,
    so that the length of training is all that differs. A family's check begins when its own census is over; the largest
    start first, so that few workers wait at the end.

    Args:
        trials: all trials of the study, as they come.
        families: that take part.
        count: how many configurations a family.
    """

    name = "doubling"
    lets_next_start = True

    def __init__(self, trials: Sequence[Trial], families: Sequence[str], count: int) -> None:
        self._trials = trials
        self._families = families
        self._count = count

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        census = [trial for trial in self._trials if trial.phase == "census"]
        learning = {trial.family for trial in census if trial.in_flight}
        chosen = [t for family in self._families if family not in learning for t in top(census, family, self._count)]
        trial = next_slot([_doubled(t) for t in sorted(chosen, key=lambda trial: -trial.size)], trials)
        if trial is None:
            return Signal.WAIT if learning else Signal.DONE
        return self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return self._count * len(self._families)


def _doubled(trial: Trial) -> Trial:
    horizon = 2 * trial.horizon
    return replace(trial, phase="doubling", horizon=horizon, number=-1, state=TrialState.RUNNING, outcomes=[])


def top(census: Sequence[Trial], family: str, count: int) -> list[Trial]:
    """A family's census configurations best on the search rows, best first; failed ones are never among them."""
    scored = [trial for trial in census if trial.family == family and trial.search_score is not None]
    return sorted(scored, key=lambda trial: -(trial.search_score or 0.0))[:count]
