"""Timing: a few short trainings that tell what a step costs here, so that a time budget can be planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from search.phases import Segment
from search.phases.census import block_of, census_trial
from search.phases.fixed import FixedPhase
from search.trial import Trial
from spaces import SearchSpace
from workers.engine import Signal

STEPS = 12
MOST_BLOCKS = 8
SECONDS_A_BLOCK = 20.0
"""Of the budget, for each block that is timed: a twentieth of a small budget then goes to timing, less of others."""
FALLBACK_SECONDS = 0.02  # a step where nothing could be timed


class Timing(FixedPhase):
    """Trains the first blocks of the census to come for a dozen steps; their scores are used for nothing.

    The very configurations of the census, since the cost of random ones varies by a factor of a hundred.

    Args:
        space: of the census.
        seed: the study's seed.
        count: how many blocks.
        seconds: after the first outcome, before which workers start, no other block starts when so many have passed.
        clock: seconds the study has run.
    """

    name = "timing"

    def __init__(self, space: SearchSpace, seed: int, count: int, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._began: float | None = None
        blocks = range(count)
        super().__init__(
            [census_trial(self.name, space, family, i, STEPS, seed) for i in blocks for family in space.families]
        )

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        if self._began is None and any(trial.outcomes for trial in trials):
            self._began = self._clock()
        step = super().next(trials)
        begins_block = isinstance(step, Segment) and block_of(step.trial) > max(map(block_of, trials), default=-1)
        return Signal.DONE if begins_block and self._is_late() else step

    def _is_late(self) -> bool:
        return self._began is not None and self._clock() > self._began + self._seconds


def timing_blocks(budget_seconds: float) -> int:
    """How many blocks are timed: at least one, all eight from three minutes on."""
    return max(1, min(MOST_BLOCKS, int(budget_seconds / SECONDS_A_BLOCK)))


def step_seconds(trials: Sequence[Trial]) -> float:
    """Worker time of one step of a candidate, all families counting alike, from the timing trials.

    The whole time of so short a training would overrate a step by half: building the network and torch's choice of
    kernels weigh more in it than in a full one. Scoring comes on top of the steps, and the first dozen steps are slower
    than later ones: the two are about even.
    """
    by_family: dict[str, list[float]] = {}
    for trial in trials:
        if not trial.failed:
            by_family.setdefault(trial.family, []).append(trial.outcomes[-1].step_seconds)
    means = [sum(seconds) / len(seconds) for seconds in by_family.values()]
    if not means:
        return FALLBACK_SECONDS
    return sum(means) / len(means)


def seconds_by_slot(trials: Sequence[Trial]) -> dict[str, float]:
    """Worker time of one step of each candidate that could be timed, as `step_seconds` has it."""
    return {trial.slot: trial.outcomes[-1].step_seconds for trial in trials if trial.outcomes and not trial.failed}
