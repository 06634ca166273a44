"""Limits: how large a network may be at most, and how one that is larger is made to fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spaces.architecture import Architecture
from spaces.choices import Categorical, Choice, Integer, Value
from spaces.cost import flops, parameters
from spaces.errors import InvalidInput
from spaces.operations import OPERATIONS
from spaces.shapes import Task

if TYPE_CHECKING:
    from spaces.search_space import SearchSpace

WIDEST_TRIED = 8
"""Numbers of a range that are all tried to make a network smaller; of longer ranges the lowest alone."""


@dataclass(frozen=True)
class Limits:
    """The most of each that a network may have.

    Attributes:
        parameters: numbers that are trained; None for any.
        flops: operations of the forward pass of one row; None for any.
        task: what networks are built for.
    """

    parameters: int | None
    flops: int | None
    task: Task

    def excess(self, architecture: Architecture) -> float:
        """The network's size in terms of the limit that it comes nearest to or exceeds most; at most 1 is allowed."""
        most = 0.0
        if self.parameters is not None:
            most = parameters(architecture, self.task) / self.parameters
        if self.flops is not None:
            most = max(most, flops(architecture, self.task) / self.flops)
        return most

    def allow(self, architecture: Architecture) -> bool:
        """Whether the network is no larger."""
        return self.excess(architecture) <= 1


def shrunk(space: SearchSpace, limits: Limits, architecture: Architecture) -> Architecture:
    """A network near this one that the limits allow, or one that cannot be made smaller by changing a single answer.

    Of all answers that could be another, the one changes that makes the network smallest, until it is small enough.
    """
    excess = limits.excess(architecture)
    while excess > 1:
        neighbours = [(limits.excess(smaller), smaller) for smaller in _neighbours(space, architecture)]
        least, smallest = min(neighbours, key=lambda pair: pair[0], default=(excess, architecture))
        if least >= excess:
            break
        excess, architecture = least, smallest
    return architecture


def _neighbours(space: SearchSpace, architecture: Architecture) -> Iterator[Architecture]:
    asked: dict[str, Choice] = {}
    read_back(space, architecture.choices, asked)
    for name, choice in asked.items():
        for option in _options(choice):
            if option != architecture.choices.get(name):
                yield read_back(space, {**architecture.choices, name: option})


def read_back(space: SearchSpace, answers: Mapping[str, Value], asked: dict[str, Choice] | None = None) -> Architecture:
    """The network of the space with these answers; what they do not say, or may not, is the first or lowest option.

    Args:
        space: whose limits are not looked at.
        answers: names of choices to values.
        asked: where given, takes every choice that was asked.
    """

    def choose(name: str, choice: Choice) -> Value:
        if asked is not None:
            asked[name] = choice
        return answers[name] if name in answers and choice.offers(answers[name]) else _options(choice)[0]

    return space.sketch(choose)


def _options(choice: Choice) -> list[Value]:
    """All answers, or of many numbers the lowest."""
    if isinstance(choice, Categorical):
        return list(choice.options)
    if isinstance(choice, Integer) and choice.count <= WIDEST_TRIED:
        return list(range(choice.low, choice.high + 1))
    return [choice.low]


def smallest(space: SearchSpace, limits: Limits) -> Architecture:
    """The network of the space that is smallest in terms of the limits, or nearly so; the first found that they allow.

    From each stem on its own: which is smallest depends on everything behind it.
    """
    best: Architecture | None = None
    for stem in space.stems:
        found = shrunk(space, limits, read_back(space, {"stem": stem, "width": min(space.widths)}))
        if best is None or limits.excess(found) < limits.excess(best):
            best = found
        if limits.allow(best):
            break
    assert best is not None, "a space has a stem"
    return best


def limited(space: SearchSpace, limits: Limits) -> SearchSpace:
    """The space under these limits, without the operations of which even the smallest network is too large.

    Raises:
        InvalidInput: no network is small enough.
    """
    fitting = tuple(name for name in space.operations if limits.allow(smallest(space.with_operations((name,)), limits)))
    if not fitting:
        raise InvalidInput(_too_small(space, limits))
    return space.with_operations(fitting, limits)


def _too_small(space: SearchSpace, limits: Limits) -> str:
    for field, count in (("parameters", parameters), ("flops", flops)):
        asked = getattr(limits, field)
        if asked is None:
            continue
        alone = Limits(**{"parameters": None, "flops": None, field: 1}, task=limits.task)
        found = min((smallest(space.with_operations((name,)), alone) for name in space.operations), key=alone.excess)
        least = count(found, limits.task)
        if least > asked:
            families = ", ".join(found.families)
            return (
                f"max_{field}: found {asked:,}, expected at least {least:,}, which the smallest network of this space "
                f"has on these data ({families})"
            )
    return (
        f"max_parameters, max_flops: found {limits.parameters:,} and {limits.flops:,}, expected more of one: the "
        "smallest networks of this space keep within each of them but not within both"
    )


def left_out(asked: SearchSpace, allowed: SearchSpace) -> list[str]:
    """What the limits leave out of a space, a line each: families, and operations of families that take part."""
    lines = []
    for family in asked.families:
        if family not in allowed.families:
            lines.append(f"{family} does not take part: its smallest network is larger than allowed")
    gone = [n for n in asked.operations if n not in allowed.operations and OPERATIONS[n].family in allowed.families]
    if gone:
        lines.append(f"left out, as their smallest networks are larger than allowed: {', '.join(gone)}")
    return lines
