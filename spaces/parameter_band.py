"""ParameterBand: networks of a size, by choosing the width last and, where none fits, fewer or more blocks."""

from __future__ import annotations

import bisect
import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from spaces.architecture import Architecture
from spaces.choices import Categorical, Choice, Choose, Integer, Value
from spaces.cost import parameters
from spaces.errors import InvalidInput
from spaces.shapes import Task
from spaces.walk import Walk

if TYPE_CHECKING:
    from spaces.limits import Limits

SMALLER, LARGER = -1, 1


@dataclass(frozen=True)
class SizeLimit:
    """Ends of the ranges that decide a network's size, drawn in: the blocks first, then the stages, then the mixers.

    Attributes:
        direction: `SMALLER` leaves the lowest number, `LARGER` the highest.
        strength: how many of the three ranges are drawn in.
    """

    direction: int = SMALLER
    strength: int = 0

    def blocks(self, choice: Choice) -> Choice:
        """The numbers of blocks that are left."""
        return self._drawn_in(choice) if self.strength >= 1 else choice

    def stages(self, choice: Choice) -> Choice:
        """The numbers of stages that are left."""
        return self._drawn_in(choice) if self.strength >= 2 else choice

    def expansions(self, choice: Choice) -> Choice:
        """The channel mixers that are left."""
        return self._drawn_in(choice) if self.strength >= 3 else choice

    def _drawn_in(self, choice: Choice) -> Choice:
        if isinstance(choice, Categorical):
            return choice.limited_to([(min if self.direction == SMALLER else max)(choice.options)])
        assert isinstance(choice, Integer)
        end = choice.low if self.direction == SMALLER else choice.high
        return choice.limited_to(end, end)


STRONGEST = 3
ATTEMPTS = 100
"""Draws after which a space is taken to hold no network in its band; where one in ten does, one in 38,000 searches
gives up."""

Decided = TypeVar("Decided")


def persistently(decide: Callable[[], Decided]) -> Decided:
    """Decides, and where no network near the answers lies in a band of parameters decides again.

    Args:
        decide: answers anew each time it is called.

    Raises:
        InvalidInput: it did not work out time after time.
    """
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(OutsideBand):
            return decide()
    return decide()


class OutsideBand(InvalidInput):
    """No network near the answers lies in the band.

    Attributes:
        answers: what was decided.
    """

    def __init__(self, message: str, answers: Mapping[str, Value] = MappingProxyType({})) -> None:
        super().__init__(message)
        self.answers = answers


class _NoWidth(Exception):
    """No width brings a network into the band."""

    def __init__(self, direction: int) -> None:
        super().__init__()
        self.direction = direction


class ParameterBand:
    """The sizes allowed on a task.

    Args:
        parameters: fewest and most; None for any number.
        task: what networks are built for.
        limits: that hold besides.
    """

    def __init__(self, parameters: tuple[int, int] | None, task: Task | None, limits: Limits | None = None) -> None:
        if task is None:
            raise InvalidInput("parameters: found a band without a task, expected a space fitted to one")
        self.low, self.high = parameters or (0, sys.maxsize)
        self._task = task
        self._limits = limits

    def decide(self, choose: Choose, decide: Callable[[Walk, SizeLimit], Architecture]) -> Architecture:
        """Decides an architecture inside the band; where no width fits, again with the ranges of its size drawn in.

        Raises:
            OutsideBand: even the smallest network with these answers is too large, or the largest too small.
        """
        answers: dict[str, Value] = {}

        def answer(name: str, choice: Choice) -> Value:
            """Each choice is answered once, so that attempts differ in size alone."""
            if name not in answers or not choice.offers(answers[name]):
                answers[name] = choose(name, choice)
            return answers[name]

        limit = SizeLimit()
        while True:
            try:
                return decide(Walk(answer), limit)
            except _NoWidth as miss:
                turned = limit.strength > 0 and miss.direction != limit.direction
                if turned or limit.strength == STRONGEST:
                    raise OutsideBand(self._message(answers), answers) from miss
                limit = SizeLimit(miss.direction, limit.strength + 1)

    def widths(self, widths: Choice, choices: Mapping[str, Value]) -> Choice:
        """The widths that bring a network into the band and keep it within the limits, all its other choices given.

        Neither parameters nor operations ever fall with the width.
        """
        numbers = _numbers(widths)

        @cache
        def network(width: int) -> Architecture:
            return Architecture({**choices, "width": width})

        def is_large_enough(width: int) -> bool:
            return not self.low or parameters(network(width), self._task) >= self.low

        def is_too_large(width: int) -> bool:
            exceeds = self._limits is not None and not self._limits.allow(network(width))
            return exceeds or (self.high < sys.maxsize and parameters(network(width), self._task) > self.high)

        first = bisect.bisect_left(numbers, True, key=is_large_enough)
        last = bisect.bisect_left(numbers, True, key=is_too_large) - 1
        if first > last:
            raise _NoWidth(LARGER if first == len(numbers) else SMALLER)
        if isinstance(widths, Categorical):
            return widths.limited_to(numbers[first : last + 1])
        assert isinstance(widths, Integer)
        return widths.limited_to(numbers[first], numbers[last])

    def _message(self, answers: Mapping[str, Value]) -> str:
        operations = ", ".join(str(value) for name, value in answers.items() if name.endswith(".operation"))
        if self.high == sys.maxsize:
            return f"found no network of {operations} within the limits of its size, expected higher limits"
        return (
            f"parameters: found no network of {operations} with {self.low:,} to {self.high:,} parameters, "
            "expected a wider band or more widths"
        )


def _numbers(widths: Choice) -> Sequence[int]:
    """The widths offered, ascending."""
    if isinstance(widths, Categorical):
        return sorted(int(width) for width in widths.options)
    assert isinstance(widths, Integer)
    return range(widths.low, widths.high + 1)
