"""Counting: how many architectures a space holds, without listing them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from spaces.choices import Categorical, Choice, Value
from spaces.operations import OPERATIONS
from spaces.parameter_band import SizeLimit
from spaces.walk import Traits, Walk

if TYPE_CHECKING:
    from spaces.search_space import SearchSpace

BRANCHING = ("stem", "normalization", "expansion")
"""Choices whose answer decides which questions follow; the operations and the number of stages are counted apart."""


def count(space: SearchSpace) -> int | float:
    """The number of architectures of a space.

    What follows the stages depends on the traits of their operations alone, so stages are counted by traits: those of
    k stages are the sums over pairs of k - 1 stages and one more.
    """
    one = _stages_by_traits(space)
    blocks, low, high = space.choices["blocks"].count, *space.stages
    total: int | float = 0
    several: Counter[Traits] = Counter({Traits(): 1})
    for stages in range(1, high + 1):
        several = _joined(several, one)
        if stages >= low:
            total += sum(
                number * blocks**stages * _rest(space, traits, stages) for traits, number in several.items() if number
            )
    return total


def _stages_by_traits(space: SearchSpace) -> Counter[Traits]:
    """How many operations with sub-choices there are of each traits."""
    counted: Counter[Traits] = Counter()
    for operation in space.operations:
        choices = space.sub_choices(operation, OPERATIONS[operation].choices).values()
        counted[Traits.of(operation)] += math.prod(choice.count for choice in choices)  # type: ignore[assignment]
    return counted


def _joined(first: Counter[Traits], second: Counter[Traits]) -> Counter[Traits]:
    joined: Counter[Traits] = Counter()
    for traits, number in first.items():
        for others, times in second.items():
            joined[traits.with_those_of(others)] += number * times
    return joined


def _rest(space: SearchSpace, traits: Traits, stages: int) -> int | float:
    """How many ways there are to decide everything but the stages."""

    def ask(walk: Walk) -> None:
        space.entrance(walk, traits, stages)
        space.body(walk, traits, SizeLimit())
        walk("width", space.choices["width"])

    return paths(ask, BRANCHING)


class _Fork(Exception):
    """A choice that matters for later questions was met for the first time."""

    def __init__(self, choice: Categorical) -> None:
        super().__init__()
        self.choice = choice


def paths(ask: Callable[[Walk], None], branching: tuple[str, ...]) -> int | float:
    """The number of different walks.

    Args:
        ask: walks through choices, the same ones for the same answers.
        branching: names of the categorical choices that decide which others follow. All others multiply.
    """
    total: int | float = 0
    prefixes: list[dict[str, Value]] = [{}]
    while prefixes:
        prefix = prefixes.pop()
        product: list[int | float] = []

        def choose(name: str, choice: Choice, prefix: dict[str, Value] = prefix, product: list = product) -> Value:
            if name in prefix:
                return prefix[name]
            if name in branching:
                assert isinstance(choice, Categorical)
                raise _Fork(choice)
            product.append(choice.count)
            return choice.options[0] if isinstance(choice, Categorical) else choice.low

        walk = Walk(choose)
        try:
            ask(walk)
        except _Fork as fork:
            met = next(name for name in branching if name not in prefix and name not in walk.choices)
            prefixes += [{**prefix, met: option} for option in fork.choice.options]
            continue
        total += math.prod(product)
    return total
