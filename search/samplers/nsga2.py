"""NSGA-II."""

from __future__ import annotations

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P
from search.samplers.dominance import survival_order
from search.samplers.history import History
from search.samplers.variation import asked, crossed, mutated, realized, sample

POPULATION = 15
"""Small, since a study has a hundred trainings rather than thousands."""
SEEN = 300
"""Latest proposals that can survive: who dominates whom takes the square of their number."""
CROSSED = 0.5
"""Share of the children that have two parents."""


@SAMPLERS.register("nsga2")
class Nsga2Sampler(Sampler[P]):
    """Crosses and mutates those that survive: who is dominated by fewest, and among equals the less crowded.

    Deb et al. 2002, one child at a time. With the score alone it is a genetic algorithm in which the best survive.
    """

    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        known, losses = history.losses()
        if len(known) < POPULATION:
            return sample(self.domain, rng)
        known, losses = known[-SEEN:], losses[-SEEN:]
        survivors = known[survival_order(losses)[:POPULATION]]
        first, second = (history[survivors[_winner(rng)]].proposal.choices() for _ in range(2))
        child = crossed(self.domain, first, second, rng) if rng.random() < CROSSED else first
        return realized(self.domain, mutated(self.domain, child, asked(self.domain, child), rng), rng)


def _winner(rng: np.random.Generator) -> int:
    """The place of the better of two survivors drawn at random."""
    return int(rng.integers(POPULATION, size=2).min())
