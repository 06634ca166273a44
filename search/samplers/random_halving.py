"""Random search with successive halving."""

from __future__ import annotations

from search.samplers import SAMPLERS
from search.samplers.domain import P
from search.samplers.random import RandomSampler


@SAMPLERS.register("random_halving")
class RandomHalvingSampler(RandomSampler[P]):
    """Uniform proposals, of which the better are trained on. Li et al. 2020."""

    schedule = "halving"
