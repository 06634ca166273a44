"""Random search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.candidate import Candidate
from search.samplers import SAMPLERS, Sampler
from search.trial import Trial


@SAMPLERS.register("random")
class RandomSampler(Sampler):
    """Every candidate is a uniform one. Bergstra & Bengio 2012."""

    def propose(self, trials: Sequence[Trial], rng: np.random.Generator) -> Candidate:
        """See `Sampler.propose`."""
        return Candidate.sample(self.space, rng)
