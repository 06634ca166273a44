"""Timing: a few short trainings that tell what a step costs here, so that a time budget can be planned."""

from __future__ import annotations

from collections.abc import Sequence

from search.phases.census import census_trial
from search.phases.fixed import FixedPhase
from search.trial import Trial
from spaces import SearchSpace

STEPS = 60
SAMPLES = 2


class Timing(FixedPhase):
    """Trains two random configurations of each family for 60 steps; their scores are used for nothing."""

    name = "timing"

    def __init__(self, space: SearchSpace, seed: int) -> None:
        samples = range(SAMPLES)
        super().__init__(
            [census_trial(self.name, space, family, i, STEPS, seed) for i in samples for family in space.families]
        )


def block_seconds_per_step(trials: Sequence[Trial]) -> float:
    """Worker time of one step of one candidate of every family, summed over families, from the timing trials.

    Failed ones count as if they had trained through, since they were as slow until then.
    """
    families = {trial.family for trial in trials}
    return sum(
        sum(trial.seconds for trial in of_family) / (STEPS * len(of_family))
        for family in families
        if (of_family := [trial for trial in trials if trial.family == family])
    )
