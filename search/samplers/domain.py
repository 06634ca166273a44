"""Domain: what a sampler may propose; Record: what it is told of a proposal that was tried."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from spaces.choices import Choice, Choose, Value


class Proposal(Hashable, Protocol):
    """Something that can be trained, told by its choices."""

    def choices(self) -> Mapping[str, Value]:
        """The choices in use by name."""


P = TypeVar("P", bound=Proposal)
P_co = TypeVar("P_co", bound=Proposal, covariant=True)


class Domain(Protocol[P_co]):
    """All that may be proposed: networks of a space with their recipes, or the rows of a benchmark's table."""

    def decide(self, choose: Choose) -> P_co:
        """Asks `choose` for every choice in use.

        Raises:
            OutsideBand: near these answers there is nothing of the size that is allowed.
        """

    def sketch(self, choose: Choose) -> dict[str, Value]:
        """The choices of a proposal as `choose` answers, whatever its size: what costs next to nothing."""


class Remembering(Generic[P]):
    """A domain that notes which choices it asked for.

    Args:
        domain: that it speaks for.

    Attributes:
        choices: all that it ever asked for, by name, as wide as they can be.
    """

    def __init__(self, domain: Domain[P]) -> None:
        self._domain = domain
        self.choices: dict[str, Choice] = {}

    def decide(self, choose: Choose) -> P:
        """See `Domain.decide`."""
        return self._domain.decide(choose)

    def sketch(self, choose: Choose) -> dict[str, Value]:
        """See `Domain.sketch`."""

        def remembering(name: str, choice: Choice) -> Value:
            if name not in self.choices:
                self.choices[name] = choice.domain
            return choose(name, choice)

        return self._domain.sketch(remembering)


@dataclass(frozen=True)
class Record(Generic[P]):
    """What is known of a proposal.

    Attributes:
        proposal: what was, or is, in training.
        scores: share of the full training -> score after it, higher is better; empty while the first part runs.
        failed: whether it cannot be trained.
        costs: what the study wants little of beside a high score, one number each; nan where it is not known yet.
        seconds: that a full training of it takes; nan where that is not known, or not what a search has to spend.
    """

    proposal: P
    scores: Mapping[float, float] = field(default_factory=dict)
    failed: bool = False
    costs: tuple[float, ...] = ()
    seconds: float = math.nan

    @property
    def full_score(self) -> float | None:
        """The score of the full training."""
        return self.scores.get(1.0)
