"""Regularized evolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P, Record
from search.samplers.utility import utilities
from search.samplers.variation import mutated, realized, sample
from search.schedules import Schedule
from search.schedules.full_length import FullLength

POPULATION, TOURNAMENT = 30, 10


@SAMPLERS.register("regularized_evolution")
class RegularizedEvolutionSampler(Sampler[P]):
    """Mutates the best of a random few of the latest; who is old dies, however good. Real et al. 2019."""

    schedule: ClassVar[type[Schedule]] = FullLength

    def propose(self, records: Sequence[Record[P]], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        known = [record for record in records if record.scores or record.failed]
        if len(known) < POPULATION:
            return sample(self.domain, rng)
        population = known[-POPULATION:]
        values = utilities(population)
        drawn = rng.choice(POPULATION, TOURNAMENT, replace=False)
        parent = population[drawn[int(np.argmax(values[drawn]))]]
        return realized(self.domain, mutated(self.domain, parent.proposal.choices(), rng), rng)
