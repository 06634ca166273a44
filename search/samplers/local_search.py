"""Local search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P, Record
from search.samplers.utility import utilities
from search.samplers.variation import neighbours, realized, sample
from search.schedules import Schedule
from search.schedules.full_length import FullLength


@SAMPLERS.register("local_search")
class LocalSearchSampler(Sampler[P]):
    """Tries the neighbours of the best network in random order, and those of a better one as soon as it is found.

    White et al. 2021. Where all neighbours of the best are tried, those of the second best follow, in place of a start
    from somewhere else: the record tells no path, and noise makes any second best the best for a while.
    """

    schedule: ClassVar[type[Schedule]] = FullLength

    def propose(self, records: Sequence[Record[P]], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        known = [record for record in records if record.scores]
        tried = {frozenset(record.proposal.choices().items()) for record in records}
        for index in np.argsort(-utilities(known), kind="stable"):
            around = list(neighbours(self.domain, known[index].proposal.choices(), rng))
            fresh = [sketch for sketch in around if frozenset(sketch.items()) not in tried]
            if fresh:
                return realized(self.domain, fresh[int(rng.random() * len(fresh))], rng)
        return sample(self.domain, rng)
