"""Scale and Plot: where values stand in a picture, in percent of its width and height.

Percent, because a picture is as wide as the page it is on while its letters stay as large as the text around them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

ROOM = 0.06
"""Share of an axis that is left free beyond its outermost values."""
TICKS = 6
UNITS = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    label: str
    at: float


@dataclass(frozen=True)
class Scale:
    """An axis.

    Attributes:
        low, high: values at its ends.
        is_logarithmic: whether equal distances are equal ratios.
        is_whole: whether there is nothing between two whole numbers.
    """

    low: float
    high: float
    is_logarithmic: bool = False
    is_whole: bool = False

    @classmethod
    def around(
        cls, values: Iterable[float], least: float = -math.inf, most: float = math.inf, *, is_logarithmic: bool = False
    ) -> Scale:
        """An axis that holds the values with some room, within the least and the most that there can be."""
        known = [math.log10(value) if is_logarithmic else value for value in values] or [0.0, 1.0]
        span = max(known) - min(known) or max(abs(known[0]) * 0.1, 0.1)
        low, high = min(known) - ROOM * span, max(known) + ROOM * span
        if is_logarithmic:
            return cls(10**low, 10**high, is_logarithmic)
        return cls(max(low, min(least, min(known))), min(high, max(most, max(known))))

    def at(self, value: float) -> float:
        """Percent of the way from the low end to the high one."""
        low, high, own = (self._linear(each) for each in (self.low, self.high, value))
        return round(100 * (own - low) / (high - low), 2)

    def ticks(self) -> list[Tick]:
        """Half a dozen round values: 0, .2, .4; on a logarithmic axis 1, 10, 100, or 1, 2, 5 where it is short."""
        values = self._powers() if self.is_logarithmic else self._round_values()
        return [Tick(_label(value), self.at(value)) for value in values]

    def _linear(self, value: float) -> float:
        return math.log10(value) if self.is_logarithmic else value

    def _round_values(self) -> list[float]:
        rough = max((self.high - self.low) / TICKS, 1.0 if self.is_whole else 0.0)
        magnitude = 10 ** math.floor(math.log10(rough))
        step = magnitude * next(factor for factor in (1, 2, 5, 10) if factor * magnitude >= 0.999 * rough)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(number * step, 12) for number in range(first, last + 1)]

    def _powers(self) -> list[float]:
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        factors = (1,) if len(exponents) > 4 else (1, 2, 5)
        values = [factor * 10.0**exponent for exponent in exponents for factor in factors]
        return [value for value in values if self.low <= value <= self.high]


def _label(value: float) -> str:
    """Short, since many stand beside each other: `.25`, `12`, `−3`, `20k`, `5M`."""
    size = abs(value)
    unit, letter = next(((unit, letter) for unit, letter in UNITS if size >= unit), (1, ""))
    text = f"{size / unit:.6g}".removeprefix("0") or "0"
    return ("−" if value < 0 else "") + text + letter


@dataclass(frozen=True)
class Plot:
    """A picture with two axes; y runs from the bottom to the top."""

    x: Scale
    y: Scale

    def top(self, value: float) -> float:
        """Percent of the height above which a value of y stands."""
        return round(100 - self.y.at(value), 2)

    def line(self, points: Sequence[tuple[float, float]]) -> str:
        """The path through points (x, y)."""
        return "M" + "L".join(f"{self.x.at(x):g} {self.top(y):g}" for x, y in points)

    def steps(self, points: Sequence[tuple[float, float]]) -> str:
        """The path that keeps each y until the x of the next point."""
        (x, y), *others = points
        return f"M{self.x.at(x):g} {self.top(y):g}" + "".join(f"H{self.x.at(x):g}V{self.top(y):g}" for x, y in others)

    def dots(self, points: Sequence[tuple[float, float]]) -> str:
        """The path whose round ends are dots at the points."""
        return "".join(f"M{self.x.at(x):g} {self.top(y):g}h0" for x, y in points)


def apart(tops: Sequence[float], distance: float) -> list[float]:
    """Moves labels at these heights, in percent, down or up so that no two are nearer than the distance."""
    order = sorted(range(len(tops)), key=lambda index: tops[index])
    moved = list(tops)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + distance)
    limit = 100.0
    for index in reversed(order):  # what was pushed beyond the end moves back, and others before it
        moved[index] = min(moved[index], limit)
        limit = moved[index] - distance
    return [round(top, 2) for top in moved]
