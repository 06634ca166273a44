"""ParameterBand: networks of a size, by choosing the width last and, where none fits, fewer or more blocks."""

from __future__ import annotations

import bisect
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from spaces.architecture import Architecture
from spaces.choices import Categorical, Choice, Choose, Integer, Value, offered
from spaces.cost import parameters
from spaces.errors import InvalidInput
from spaces.shapes import Task
from spaces.walk import Walk

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
    """No network near the answers lies in the band."""


class _NoWidth(Exception):
    """No width brings a network into the band."""

    def __init__(self, direction: int) -> None:
        super().__init__()
        self.direction = direction


class ParameterBand:
    """The numbers of parameters allowed on a task.

    Args:
        parameters: fewest and most.
        task: what networks are built for.
    """

    def __init__(self, parameters: tuple[int, int], task: Task | None) -> None:
        if task is None:
            raise InvalidInput("parameters: found a band without a task, expected a space fitted to one")
        self.low, self.high = parameters
        self._task = task

    def decide(self, choose: Choose, decide: Callable[[Walk, SizeLimit], Architecture]) -> Architecture:
        """Decides an architecture inside the band; where no width fits, again with the ranges of its size drawn in.

        Raises:
            OutsideBand: even the smallest network with these answers is too large, or the largest too small.
        """
        answers: dict[str, Value] = {}

        def answer(name: str, choice: Choice) -> Value:
            """Each choice is answered once, so that attempts differ in size alone."""
            if name not in answers or not offered(choice, answers[name]):
                answers[name] = choose(name, choice)
            return answers[name]

        limit = SizeLimit()
        while True:
            try:
                return decide(Walk(answer), limit)
            except _NoWidth as miss:
                turned = limit.strength > 0 and miss.direction != limit.direction
                if turned or limit.strength == STRONGEST:
                    raise OutsideBand(self._message(answers)) from miss
                limit = SizeLimit(miss.direction, limit.strength + 1)

    def widths(self, widths: Choice, choices: Mapping[str, Value]) -> Choice:
        """The widths that bring a network into the band, all its other choices given.

        The number of parameters never falls with the width.
        """
        assert isinstance(widths, Integer)

        @cache
        def size(width: int) -> int:
            return parameters(Architecture({**choices, "width": width}), self._task)

        if size(widths.low) > self.high or size(widths.high) < self.low:
            raise _NoWidth(SMALLER if size(widths.low) > self.high else LARGER)
        allowed = range(widths.low, widths.high + 1)
        first = bisect.bisect_left(allowed, self.low, key=size)
        last = bisect.bisect_right(allowed, self.high, lo=first, key=size) - 1
        if first > last:
            raise _NoWidth(LARGER if first == len(allowed) else SMALLER)
        return widths.limited_to(allowed[first], allowed[last])

    def _message(self, answers: Mapping[str, Value]) -> str:
        operations = ", ".join(str(value) for name, value in answers.items() if name.endswith(".operation"))
        return (
            f"parameters: found no network of {operations} with {self.low:,} to {self.high:,} parameters, "
            "expected a wider band or more widths"
        )
