"""Random search."""

from __future__ import annotations

import numpy as np

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import P
from search.samplers.history import History
from search.samplers.variation import sample


@SAMPLERS.register("random")
class RandomSampler(Sampler[P]):
    """Every proposal is a uniform one. Bergstra & Bengio 2012."""

    schedule = "full_length"

    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        return sample(self.domain, rng)
