"""Random search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P, Record
from search.samplers.variation import sample
from search.schedules import Schedule
from search.schedules.full_length import FullLength


@SAMPLERS.register("random")
class RandomSampler(Sampler[P]):
    """Every proposal is a uniform one. Bergstra & Bengio 2012."""

    schedule: ClassVar[type[Schedule]] = FullLength

    def propose(self, records: Sequence[Record[P]], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        return sample(self.domain, rng)
