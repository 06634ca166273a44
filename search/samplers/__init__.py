"""Samplers: each proposes candidates from the trials it is given and never touches storage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from search.candidate import Candidate
from search.trial import Trial
from spaces import SearchSpace
from spaces.registry import Registry

SAMPLERS: Registry[type[Sampler]] = Registry("strategy", "search.samplers")


class Sampler(ABC):
    """Decides which candidate is tried next.

    Args:
        space: what it may propose.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space

    @abstractmethod
    def propose(self, trials: Sequence[Trial], rng: np.random.Generator) -> Candidate:
        """Proposes a candidate; the same trials and generator state give the same one.

        Args:
            trials: everything the study knows, trials in flight (without outcomes) included.
            rng: the only source of randomness.
        """
