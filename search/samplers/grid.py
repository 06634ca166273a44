"""Grid: one after the other, in order."""

from __future__ import annotations

import contextlib
import math

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P
from search.samplers.history import History
from search.samplers.variation import sample
from spaces.choices import Categorical, Choice, Choose, Integer, Value
from spaces.parameter_band import OutsideBand

LEVELS = 3
"""Values tried of a real number: the ends of its range and the middle."""
ATTEMPTS = 1000
"""Points passed over, beside those tried, before one is taken to be the last; after it proposals are uniform."""


@SAMPLERS.register("grid")
class GridSampler(Sampler[P]):
    """Counts through all combinations, those of the first choices of the walk first, which are the coarse ones."""

    schedule = "full_length"

    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """See `Sampler.propose`; nothing is random before the last point."""
        for point in range(len(history) + ATTEMPTS):  # as many may have been tried
            if history.was_tried(self.domain.sketch(_counting(point))):
                continue
            with contextlib.suppress(OutsideBand):
                proposal = self.domain.decide(_counting(point))
                if not history.was_tried(proposal.choices()):
                    return proposal
        return sample(self.domain, rng)


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
