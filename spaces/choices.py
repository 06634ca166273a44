"""Choices: frozen descriptions of what a search may decide, and `Choose`, the one way to decide it.

A choice knows its options and nothing of who picks among them. Whoever picks is a `Choose` function: uniform sampling,
a mutation, Optuna, or a dictionary that is read back. No torch, no Optuna here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, TypeAlias, TypeGuard

import numpy as np

from spaces.errors import InvalidInput

Value: TypeAlias = str | int | float | bool
MOST_SHOWN = 40  # options that a message lists one by one


@dataclass(frozen=True)
class Categorical:
    """One of several options without an order.

    Attributes:
        options: what is offered.
        wider: the choice this one was limited from, where earlier answers rule options out.
    """

    options: tuple[Value, ...]
    wider: Categorical | None = None

    @property
    def domain(self) -> Categorical:
        """All options that may be offered under this name, whatever was answered before."""
        return self.wider or self

    @property
    def count(self) -> int:
        """Number of options."""
        return len(self.options)

    @cached_property
    def only(self) -> Value | None:
        """The option where there is a single one."""
        return self.options[0] if len(self.options) == 1 else None

    def limited_to(self, options: Collection[Value]) -> Categorical:
        """The same choice with some of the options ruled out."""
        kept = tuple(option for option in self.options if option in options)
        return self if len(kept) == len(self.options) else Categorical(kept, self.domain)

    def sample(self, rng: np.random.Generator) -> Value:
        """A uniform option."""
        return self.options[int(rng.random() * len(self.options))]

    def another(self, rng: np.random.Generator, value: object) -> Value:
        """A uniform option other than `value`; there must be one."""
        return Categorical(tuple(option for option in self.options if option != value)).sample(rng)

    def offers(self, value: Value) -> bool:
        """Whether it is one of the options."""
        return (type(value), value) in self._typed

    @cached_property
    def _typed(self) -> frozenset[tuple[type, Value]]:
        """The options with their types, as `check` tells them apart."""
        exact = {(type(option), option) for option in self.options}
        return frozenset(exact | {(int, option) for option in self.options if isinstance(option, float)})

    def check(self, name: str, value: object) -> Value:
        """Returns the option equal to `value`.

        Raises:
            InvalidInput: it is none of the options.
        """
        for option in self.options:
            # JSON written elsewhere says 0 for 0.0, but True is not 1
            if option == value and (type(option) is type(value) or (type(option), type(value)) == (float, int)):
                return option
        raise InvalidInput(f"{name}: found {value!r}, expected {self.expected}")

    @property
    def expected(self) -> str:
        """The options in words; of a long list its ends."""
        shown = [str(option) for option in self.options]
        return "one of " + ", ".join(shown if len(shown) <= MOST_SHOWN else [*shown[:3], "…", shown[-1]])


@dataclass(frozen=True)
class Integer:
    """A whole number from `low` to `high`, both included.

    Attributes:
        low, high: what is offered.
        wider: the choice this one was limited from, where earlier answers rule numbers out.
    """

    low: int
    high: int
    wider: Integer | None = None

    @property
    def domain(self) -> Integer:
        """All numbers that may be offered under this name, whatever was answered before."""
        return self.wider or self

    @property
    def count(self) -> int:
        """Number of options."""
        return self.high - self.low + 1

    @cached_property
    def only(self) -> int | None:
        """The number where there is a single one."""
        return self.low if self.low == self.high else None

    def limited_to(self, low: int, high: int) -> Integer:
        """The same choice from a smaller range; one number of its own is always left."""
        low, high = min(max(low, self.low), self.high), max(min(high, self.high), self.low)
        return self if (low, high) == (self.low, self.high) else Integer(low, high, self.domain)

    def sample(self, rng: np.random.Generator) -> int:
        """A uniform number of the range."""
        return self.low + int(rng.random() * self.count)

    def another(self, rng: np.random.Generator, value: object) -> int:
        """A uniform number of the range other than `value`; there must be one."""
        if not (isinstance(value, int) and self.low <= value <= self.high):
            return self.sample(rng)
        other = Integer(self.low, self.high - 1).sample(rng)
        return other + (other >= value)

    def offers(self, value: object) -> TypeGuard[int]:
        """Whether it is a whole number of the range."""
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high

    def check(self, name: str, value: object) -> int:
        """Returns `value` if it is a whole number of the range.

        Raises:
            InvalidInput: it is not.
        """
        if self.offers(value):
            return value
        raise InvalidInput(f"{name}: found {value!r}, expected {self.expected}")

    @property
    def expected(self) -> str:
        """The range in words."""
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True)
class Real:
    """A number from `low` to `high`; with `log` its logarithm is uniform."""

    low: float
    high: float
    log: bool = False
    only: ClassVar[None] = None

    @property
    def domain(self) -> Real:
        """All numbers that may be offered under this name."""
        return self

    @property
    def count(self) -> float:
        """There are infinitely many numbers, unless the range is a point."""
        return math.inf if self.low < self.high else 1

    def sample(self, rng: np.random.Generator) -> float:
        """A uniform (or log-uniform) number of the range."""
        return self.at(rng.random())

    def at(self, share: float) -> float:
        """The number at a share of the range, or of its logarithm."""
        if self.log:
            number = math.exp(math.log(self.low) + share * math.log(self.high / self.low))
        else:
            number = self.low + share * (self.high - self.low)
        return min(max(number, self.low), self.high)  # rounding may leave the range

    def share(self, number: float) -> float:
        """Where in the range, or its logarithm, a number lies, from 0 to 1."""
        if self.low == self.high:
            return 0.0
        if self.log:
            return math.log(number / self.low) / math.log(self.high / self.low)
        return (number - self.low) / (self.high - self.low)

    def another(self, rng: np.random.Generator, value: object) -> float:
        """A uniform (or log-uniform) number other than `value`."""
        while (number := self.sample(rng)) == value:
            pass
        return number

    def offers(self, value: object) -> TypeGuard[float]:
        """Whether it lies in the range."""
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high

    def check(self, name: str, value: object) -> float:
        """Returns `value` as a float if it lies in the range.

        Raises:
            InvalidInput: it does not.
        """
        if self.offers(value):
            return float(value)
        raise InvalidInput(f"{name}: found {value!r}, expected {self.expected}")

    @property
    def expected(self) -> str:
        """The range in words."""
        return f"a number from {self.low} to {self.high}"


Choice: TypeAlias = Categorical | Integer | Real
Choose: TypeAlias = Callable[[str, Choice], Value]
"""Decides one named choice. A space is a function that asks a `Choose` for what it needs, in order, and asks later
questions depending on earlier answers; so conditions are written once, as plain `if`."""


def sampling(rng: np.random.Generator) -> Choose:
    """A `Choose` that samples every choice uniformly."""
    return lambda name, choice: choice.sample(rng)


def mutating(parent: Mapping[str, Value], forced: str, rate: float, rng: np.random.Generator) -> Choose:
    """A `Choose` that keeps the parent's answers but for some.

    Args:
        parent: the answers to start from.
        forced: the choice whose answer changes.
        rate: chance of each other choice to be answered anew.
        rng: what new answers are drawn with; choices that the parent was not asked are sampled.
    """

    def choose(name: str, choice: Choice) -> Value:
        if name == forced and choice.count > 1:
            return choice.another(rng, parent.get(name))
        if name != forced and name in parent and rng.random() >= rate:
            return kept(choice, parent[name], rng)
        return choice.sample(rng)

    return choose


def crossing(first: Mapping[str, Value], second: Mapping[str, Value], rng: np.random.Generator) -> Choose:
    """A `Choose` that takes each answer from one of two parents; uniform crossover, Syswerda 1989.

    A choice that one parent alone was asked is answered by that one, a choice that none was asked is sampled.
    """

    def choose(name: str, choice: Choice) -> Value:
        parents = [parent for parent in (first, second) if name in parent]
        if not parents:
            return choice.sample(rng)
        return kept(choice, parents[int(rng.random() * len(parents))][name], rng)

    return choose


def kept(choice: Choice, value: Value, rng: np.random.Generator) -> Value:
    """The value if it is offered, otherwise a sample."""
    return value if choice.offers(value) else choice.sample(rng)


def restricted(choice: Choice, options: Collection[Value]) -> Choice:
    """A choice of which a space allows some options only: names of a list, or the range between two numbers.

    Raises:
        InvalidInput: something listed is not an option, or listed twice, or a range is none.
    """
    if isinstance(choice, Categorical):
        kept = tuple(choice.check("option", option) for option in options)
        if not kept or len(set(kept)) < len(kept):
            raise InvalidInput(f"options: found {list(options)}, expected each once and at least one")
        return Categorical(kept)
    ends = [choice.check("end of the range", end) for end in options]
    if len(ends) != 2 or ends[0] > ends[1]:
        raise InvalidInput(f"options: found {list(options)}, expected the least and the largest")
    return replace(choice, low=ends[0], high=ends[1])  # type: ignore[arg-type]
