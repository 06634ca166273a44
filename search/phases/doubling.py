"""Doubling check: does a ranking still hold when everybody trains twice as long?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.phases import Phase, Segment, longest_first, next_slot
from search.plan import Plan
from search.trial import Trial, TrialState
from workers.engine import Signal


class Doubling(Phase):
    """Trains each family's best census configurations again, from scratch, for twice the horizon.

    From scratch, because a slope read off an annealed curve says nothing. Division and seed stay those of the census,
    so that the length of training is all that differs. A family's check begins when its own census is over. The best
    of all families come first, then, where there is time, the second best and the third: all families are checked with
    equal numbers. Among equals the longest start first, so that few workers wait at the end.

    Args:
        trials: all trials of the study, as they come.
        families: that take part.
        plan: most configurations a family, and when the last may end.
        slots: trainings at a time.
        clock: seconds the study has run.
    """

    name = "doubling"
    lets_next_start = True
    overtaken_by = frozenset({"contrasts", "adaptive"})

    def __init__(
        self,
        trials: Sequence[Trial],
        families: Sequence[str],
        plan: Plan,
        slots: int,
        clock: Callable[[], float],
    ) -> None:
        self._trials = trials
        self._families = families
        self._plan = plan
        self._slots = slots
        self._clock = clock

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        census = [trial for trial in self._trials if trial.phase == "census"]
        learning = {trial.family for trial in census if trial.in_flight}
        best = [top(census, family, self._plan.doubled) for family in self._families if family not in learning]
        started = {trial.slot for trial in trials}
        for rank in range(self._plan.doubled):
            equals = longest_first([own[rank] for own in best if rank < len(own)], self._plan)
            if rank and not started & {trial.slot for trial in equals} and not self._fits(equals):
                return Signal.DONE
            if trial := next_slot([_doubled(trial) for trial in equals], trials):
                return self.segment(trial)
            if learning:
                return Signal.WAIT
        return Signal.DONE

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.doubled * len(self._families)

    def _fits(self, equals: Sequence[Trial]) -> bool:
        seconds = sum(2 * trial.seconds for trial in equals) / self._slots
        return self._clock() + seconds <= self._plan.doubling_ends


def _doubled(trial: Trial) -> Trial:
    horizon = 2 * trial.horizon
    return replace(trial, phase="doubling", horizon=horizon, number=-1, state=TrialState.RUNNING, outcomes=[])


def top(census: Sequence[Trial], family: str, count: int) -> list[Trial]:
    """A family's census configurations best on the search rows, best first; failed ones are never among them."""
    scored = [trial for trial in census if trial.family == family and trial.search_score is not None]
    return sorted(scored, key=lambda trial: -(trial.search_score or 0.0))[:count]
