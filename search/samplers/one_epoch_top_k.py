"""One epoch, then the top k."""

from __future__ import annotations

from search.samplers import SAMPLERS
from search.samplers.domain import P
from search.samplers.random import RandomSampler


@SAMPLERS.register("one_epoch_top_k")
class OneEpochTopKSampler(RandomSampler[P]):
    """Uniform proposals trained for one epoch, of which the best are trained to the end."""

    schedule = "top_after_an_epoch"
