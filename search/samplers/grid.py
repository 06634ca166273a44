"""Grid: one after the other, in order."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P
from search.samplers.history import History
from search.schedules import Schedule
from search.schedules.full_length import FullLength
from spaces.choices import Categorical, Choice, Choose, Integer, Value
from spaces.parameter_band import OutsideBand

LEVELS = 3
"""Values tried of a real number: the ends of its range and the middle."""
ATTEMPTS = 1000
"""Points passed over, for being of a size that is not allowed, before one is taken to be the last."""


@SAMPLERS.register("grid")
class GridSampler(Sampler[P]):
    """Counts through all combinations, those of the first choices of the walk first, which are the coarse ones."""

    schedule: ClassVar[type[Schedule]] = FullLength

    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """See `Sampler.propose`; nothing in it is random."""
        for point in range(len(history), len(history) + ATTEMPTS):
            try:
                proposal = self.domain.decide(_counting(point))
            except OutsideBand:
                continue
            if not history.was_tried(proposal.choices()):
                return proposal
        return proposal


def _counting(point: int) -> Choose:
    """A `Choose` that reads the digits of a number, each in the base of its choice."""

    def choose(name: str, choice: Choice) -> Value:
        nonlocal point
        base = LEVELS if math.isinf(choice.count) else int(choice.count)
        point, digit = divmod(point, base)
        if isinstance(choice, Categorical):
            return choice.options[digit]
        if isinstance(choice, Integer):
            return choice.low + digit
        return choice.at(digit / (base - 1)) if base > 1 else choice.low

    return choose
