"""Choices: frozen descriptions of what a search may decide, and `Choose`, the one way to decide it.

A choice knows its options and nothing of who picks among them. Whoever picks is a `Choose` function: uniform sampling,
a mutation, Optuna, or a dictionary that is read back. No torch, no Optuna here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from spaces.errors import InvalidInput

Value: TypeAlias = str | int | float | bool
MOST_SHOWN = 40  # options that a message lists one by one


@dataclass(frozen=True)
class Categorical:
    """One of several options without an order."""

    options: tuple[Value, ...]

    def sample(self, rng: np.random.Generator) -> Value:
        """A uniform option."""
        return self.options[int(rng.integers(len(self.options)))]

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
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int

    def sample(self, rng: np.random.Generator) -> int:
        """A uniform number of the range."""
        return int(rng.integers(self.low, self.high + 1))

    def check(self, name: str, value: object) -> int:
        """Returns `value` if it is a whole number of the range.

        Raises:
            InvalidInput: it is not.
        """
        if isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high:
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

    def sample(self, rng: np.random.Generator) -> float:
        """A uniform (or log-uniform) number of the range."""
        if self.log:
            return float(np.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        return float(rng.uniform(self.low, self.high))

    def check(self, name: str, value: object) -> float:
        """Returns `value` as a float if it lies in the range.

        Raises:
            InvalidInput: it does not.
        """
        if isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high:
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
