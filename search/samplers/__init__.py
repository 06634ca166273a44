"""Samplers: each proposes what to train next from the history it is given and never touches storage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic

import numpy as np

from search.samplers.domain import Domain, P
from search.samplers.history import History
from spaces.registry import Registry

OPTUNA = "optuna:"
"""Before the name of one of Optuna's samplers."""
SAMPLERS: Registry[type[Sampler]] = Registry("strategy", "search.samplers", "penchant.strategies")


class Sampler(ABC, Generic[P]):
    """Decides what is tried next.

    A sampler keeps nothing that its proposals follow from: a study that was killed goes on as it would have.

    Args:
        domain: what it may propose.

    Attributes:
        schedule: name of the one by which its proposals are trained, see `search.schedules`.
        takes_prior: whether a tenth of a study's proposals may come from a prior instead of it; where it stands for a
            published method they do not.
    """

    schedule: ClassVar[str] = "halving"
    takes_prior: ClassVar[bool] = False

    def __init__(self, domain: Domain[P]) -> None:
        self.domain = domain

    @abstractmethod
    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """Proposes something to train; the same history and generator state give the same proposal.

        Args:
            history: everything known, what is in training included.
            rng: the only source of randomness.
        """


def strategy(name: str) -> type[Sampler[Any]]:
    """The strategy of a name: a registered one, or `optuna:` and one of Optuna's samplers.

    Raises:
        InvalidInput: there is none.
    """
    if not name.startswith(OPTUNA):
        return SAMPLERS[name]
    from search.samplers.optuna_samplers import optuna_strategy  # Optuna takes a moment

    return optuna_strategy(name.removeprefix(OPTUNA))
