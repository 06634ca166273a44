"""Doubling check: does a ranking still hold when everybody trains twice as long?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.phases.fixed import FixedPhase
from search.trial import Trial, TrialState


class Doubling(FixedPhase):
    """Trains each family's best census configurations again, from scratch, for twice the horizon.

    From scratch, because a slope read off an annealed curve says nothing. Division and seed stay those of the census,
    so that the length of training is all that differs. The largest start first: few workers wait at the end.

    Args:
        census: the trials of the census.
        count: how many configurations a family.
    """

    name = "doubling"

    def __init__(self, census: Sequence[Trial], count: int) -> None:
        chosen = [trial for family in sorted({t.family for t in census}) for trial in top(census, family, count)]
        chosen.sort(key=lambda trial: -trial.size)
        super().__init__(
            [
                replace(t, phase=self.name, horizon=2 * t.horizon, number=-1, state=TrialState.RUNNING, outcomes=[])
                for t in chosen
            ]
        )


def top(census: Sequence[Trial], family: str, count: int) -> list[Trial]:
    """A family's census configurations best on the search rows, best first; failed ones are never among them."""
    scored = [trial for trial in census if trial.family == family and trial.search_score is not None]
    return sorted(scored, key=lambda trial: -(trial.search_score or 0.0))[:count]
