"""Walk: asks for choices one by one; Traits: what later questions depend on in the operations chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spaces.choices import Choice, Choose, Value
from spaces.operations import OPERATIONS


class Walk:
    """Asks a `Choose` for choices one by one and keeps the answers; a choice with a single option is not asked."""

    def __init__(self, choose: Choose) -> None:
        self.choices: dict[str, Value] = {}
        self._choose = choose

    def __call__(self, name: str, choice: Choice) -> Value:
        """Decides one choice."""
        value = choice.only
        if value is None:
            value = self._choose(name, choice)
        self.choices[name] = value
        return value

    def all(self, slot: str, choices: Mapping[str, Choice]) -> None:
        """Decides the sub-choices of what stands in a slot."""
        for name, choice in choices.items():
            self(f"{slot}.{name}", choice)


@dataclass(frozen=True)
class Traits:
    """What the choices after the operations depend on.

    Attributes:
        vectors_alone: whether all operations read vectors alone.
        relative: whether a relative position code acts in one of them.
        linear: whether one of them is linear, so that an activation follows.
    """

    vectors_alone: bool = True
    relative: bool = False
    linear: bool = False

    @classmethod
    def of(cls, operation: str) -> Traits:
        """The traits of a network with this operation alone."""
        return cls.of_operations([operation])

    @classmethod
    def of_operations(cls, operations: Iterable[str]) -> Traits:
        """The traits of a network with these operations."""
        kinds = [OPERATIONS[operation] for operation in operations]
        return cls(
            all(kind.ranks == (0,) for kind in kinds),
            any(kind.uses_relative_position for kind in kinds),
            any(kind.is_linear for kind in kinds),
        )

    def with_those_of(self, other: Traits) -> Traits:
        """The traits of a network that has the operations of both."""
        return Traits(
            self.vectors_alone and other.vectors_alone, self.relative or other.relative, self.linear or other.linear
        )
