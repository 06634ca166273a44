"""Census: uniform samples of every family under equal conditions; what the verdict on families is made from."""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from search.candidate import Candidate
from search.phases import SEEDS_A_STUDY, Phase, Segment
from search.plan import SHORTEST_MEANINGFUL_HORIZON, TELLING_BLOCKS, Plan
from search.trial import Trial
from search.verdict.exclusion import MINIMUM_BLOCKS
from spaces import SearchSpace
from spaces.choices import Choose
from spaces.parameter_band import persistently
from workers.engine import Signal


class Census(Phase):
    """Trains block after block of uniform configurations to the full horizon, never pruned.

    The i-th candidates of all families are a block: they share the division of the rows, the seed, and every answer to
    a question that all are asked (learning rate, width, gate, …), so that the luck of none of these is part of what
    families differ by. A block that begins is finished, so all families have equal counts.

    Args:
        space: what is sampled, whole networks of one family.
        plan: horizon, most blocks, and when the last may start.
        seed: the study's seed.
        slots: trainings at a time.
        clock: seconds the study has run.
        timed: worker time of a step by slot, as far as timing came; the twins of a block are dear or cheap together.
    """

    name = "census"
    lets_next_start = True

    def __init__(
        self,
        space: SearchSpace,
        plan: Plan,
        seed: int,
        slots: int,
        clock: Callable[[], float],
        timed: Mapping[str, float],
    ) -> None:
        self._space = space
        self._plan = plan
        self._seed = seed
        self._slots = slots
        self._clock = clock
        self._timed = timed

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        families = self._space.families
        blocks, more = divmod(len(trials), len(families))  # blocks begin in their order, and each is finished first
        if more:
            begun = {trial.slot for trial in trials[-more:]}
            return self._begin(next(family for family in families if slot(family, blocks) not in begun), blocks)
        if blocks < self._plan.blocks and self._another_fits(trials):
            return self._begin(families[0], blocks)
        return Signal.DONE

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.blocks * len(self._space.families)

    def _begin(self, family: str, block: int) -> Segment:
        return self.segment(census_trial(self.name, self._space, family, block, self._plan.horizon, self._seed))

    def _another_fits(self, trials: Sequence[Trial]) -> bool:
        """Whether there is time for a block, told from those done; the first always runs."""
        if math.isinf(self._plan.census_ends):
            return True
        done, families = [trial for trial in trials if trial.outcomes], len(self._space.families)
        usual = float(np.mean([trial.seconds for trial in done])) * families / self._slots if done else 0.0
        blocks = len(trials) // families
        return self._clock() + self._seconds(blocks, done, usual) <= self._ends(blocks, usual)

    def _seconds(self, block: int, done: Sequence[Trial], usual: float) -> float:
        """What a block will take: what it was timed at, times what those done took of theirs; else what is usual."""
        slots = [slot(family, block) for family in self._space.families]
        compared = [trial for trial in done if trial.slot in self._timed]
        if not compared or not self._timed.keys() >= set(slots):
            return usual
        steps = sum(trial.seconds for trial in compared) / sum(self._timed[trial.slot] for trial in compared)
        return steps * sum(self._timed[name] for name in slots) / self._slots

    def _ends(self, blocks: int, usual: float) -> float:
        """When the next block must end, where one usually takes so many seconds.

        The sixth, without which there is no test, may take time that others can do without; the seventh and the eighth,
        with which a test tells something, take the adaptive search's, but not that of the doubling check, two blocks.
        """
        plan = self._plan
        if not MINIMUM_BLOCKS - 1 <= blocks < TELLING_BLOCKS or plan.horizon < SHORTEST_MEANINGFUL_HORIZON:
            return plan.census_ends
        if blocks < MINIMUM_BLOCKS:
            return plan.doubling_ends
        checked = plan.doubling_ends if plan.contrasted else plan.adaptive_ends
        return max(plan.census_ends, checked - 2 * usual)


def census_trial(phase: str, space: SearchSpace, family: str, block: int, horizon: int, seed: int) -> Trial:
    """The uniform configuration of a family in a block; the same one for every phase and horizon."""
    own, attempts = space.only([family]), itertools.count()
    candidate = persistently(lambda: Candidate.decide(own, _alike(seed, block, next(attempts))))
    shared = seed * SEEDS_A_STUDY + block
    return Trial(phase, slot(family, block), candidate, division=shared, seed=shared, horizon=horizon)


def _alike(*key: int) -> Choose:
    """Samples every choice uniformly by its name alone, so that all who are asked the same answer alike.

    Common random numbers (Law 2015, section 11.2): families are compared by their differences in a block.
    """
    return lambda name, choice: choice.sample(np.random.default_rng([*key, zlib.crc32(name.encode())]))


def slot(family: str, block: int) -> str:
    """The slot of a family's trial in a block."""
    return f"{family}/{block}"


def block_of(trial: Trial) -> int:
    """The number of a census trial's block."""
    return int(trial.slot.rpartition("/")[2])
