"""Samplers: each proposes what to train next from the records it is given and never touches storage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic

import numpy as np

from search.samplers.domain import Domain, P, Record
from search.schedules import Schedule
from search.schedules.halving import Halving
from spaces.registry import Registry

SAMPLERS: Registry[type[Sampler]] = Registry("strategy", "search.samplers")


class Sampler(ABC, Generic[P]):
    """Decides what is tried next.

    A sampler keeps nothing that its proposals follow from: a study that was killed goes on as it would have.

    Args:
        domain: what it may propose.

    Attributes:
        schedule: how far its proposals are trained.
    """

    schedule: ClassVar[type[Schedule]] = Halving

    def __init__(self, domain: Domain[P]) -> None:
        self.domain = domain

    @abstractmethod
    def propose(self, records: Sequence[Record[P]], rng: np.random.Generator) -> P:
        """Proposes something to train; the same records and generator state give the same proposal.

        Args:
            records: everything known, in the order in which it was proposed, what is in training included.
            rng: the only source of randomness.
        """
