"""Census: uniform samples of every family under equal conditions; what the verdict on families is made from."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np

from search.candidate import Candidate
from search.phases import SEEDS_A_STUDY, Phase, Segment, next_slot
from search.plan import Plan
from search.trial import Trial
from spaces import SearchSpace
from workers.engine import Signal


class Census(Phase):
    """Trains block after block of uniform configurations to the full horizon, never pruned.

    The i-th candidates of all families are a block: they share the division of the rows and the seed, so that the luck
    of a division is part of the measured noise. A block that begins is finished, so all families have equal counts.

    Args:
        space: what is sampled, whole networks of one family.
        plan: horizon, most blocks, and when the last may start.
        seed: the study's seed.
        slots: trainings at a time.
        clock: seconds the study has run.
    """

    name = "census"
    lets_next_start = True

    def __init__(self, space: SearchSpace, plan: Plan, seed: int, slots: int, clock: Callable[[], float]) -> None:
        self._space = space
        self._plan = plan
        self._seed = seed
        self._slots = slots
        self._clock = clock

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        blocks = 1 + max((block_of(trial) for trial in trials), default=-1)
        missing = len(trials) < blocks * len(self._space.families) or any(not trial.outcomes for trial in trials)
        if missing and (trial := next_slot(self._wanted(range(blocks)), trials)):
            return self.segment(trial)
        if blocks < self._plan.blocks and self._clock() + self._block_seconds(trials) <= self._plan.census_ends:
            (trial, *_) = self._wanted(range(blocks, blocks + 1))
            return self.segment(trial)
        return Signal.DONE

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.blocks * len(self._space.families)

    def _wanted(self, blocks: range) -> list[Trial]:
        return [
            census_trial(self.name, self._space, family, block, self._plan.horizon, self._seed)
            for block in blocks
            for family in self._space.families
        ]

    def _block_seconds(self, trials: Sequence[Trial]) -> float:
        """How long a block takes, from those done; nothing for the first, which always runs."""
        done = [trial.seconds for trial in trials if trial.outcomes]
        return float(np.mean(done)) * len(self._space.families) / self._slots if done else 0.0


def census_trial(phase: str, space: SearchSpace, family: str, block: int, horizon: int, seed: int) -> Trial:
    """The uniform configuration of a family in a block; the same one for every phase and horizon."""
    rng = np.random.default_rng([seed, zlib.crc32(family.encode()), block])
    candidate = Candidate.sample(space.only([family]), rng)
    shared = seed * SEEDS_A_STUDY + block
    return Trial(phase, f"{family}/{block}", candidate, division=shared, seed=shared, horizon=horizon)


def block_of(trial: Trial) -> int:
    """The number of a census trial's block."""
    return int(trial.slot.rpartition("/")[2])
