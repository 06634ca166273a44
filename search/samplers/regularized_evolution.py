"""Regularized evolution."""

from __future__ import annotations

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P
from search.samplers.history import History
from search.samplers.variation import asked, mutated, realized, sample

POPULATION, TOURNAMENT = 30, 10


@SAMPLERS.register("regularized_evolution")
class RegularizedEvolutionSampler(Sampler[P]):
    """Mutates the best of a random few of the latest; who is old dies, however good. Real et al. 2019."""

    schedule = "full_length"

    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        known, values = history.utilities()
        if len(known) < POPULATION:
            return sample(self.domain, rng)
        drawn = len(known) - POPULATION + rng.choice(POPULATION, TOURNAMENT, replace=False)
        parent = history[known[drawn[np.argmax(values[drawn])]]].proposal
        choices = parent.choices()
        return realized(self.domain, mutated(self.domain, choices, asked(self.domain, choices), rng), rng)
