"""Numbers of the verdict as a report writes them: rounded for people, exact beside it for programs.

Each number names the place in the verdict's JSON that it was taken from, so that whoever doubts one can look it up and
a test can look up all.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

from markupsafe import Markup

from search.verdict.document import VerdictDocument
from search.verdict.figures import score_figure, signed_figure
from search.verdict.reading import document_scale

LEAST_PROBABILITY = 0.001

Step = str | int | tuple[str | int, ...]
"""Of a path to a number: a key, an index, or a path to start from."""


class Told:
    """Writes numbers of one verdict.

    Args:
        verdict: the numbers are looked up there, by path: `score("families", 0, "expected_best")`.
    """

    def __init__(self, verdict: VerdictDocument) -> None:
        self._json = verdict.to_json()
        self._scale = document_scale(verdict)

    def score(self, *path: Step) -> Markup:
        """A value of the metric: `.887`."""
        return self._written(path, score_figure(self._at(path), self._scale))

    def spread(self, *path: Step) -> Markup:
        """A mean with its deviation, if there is one: `.884 ± .006`."""
        mean, deviation = self.score(*path, "mean"), self._at((*path, "sd"))
        return mean if deviation is None else mean + Markup(" ± ") + self.score(*path, "sd")

    def gain(self, *path: Step) -> Markup:
        """An improvement, above 0, or the contrary: `+.02`."""
        return self._written(path, signed_figure(self._at(path), self._scale))

    def probability(self, *path: Step) -> Markup:
        """A p-value: `.032`, `<.001`."""
        value = self._at(path)
        text = score_figure(max(value, LEAST_PROBABILITY)) if value < 1 else "1"
        return self._written(path, f"<{text}" if value < LEAST_PROBABILITY else text)

    def correlation(self, *path: Step) -> Markup:
        """A number from -1 to 1: `.7`, `−.12`."""
        return self._written(path, score_figure(self._at(path)))

    def count(self, *path: Step) -> Markup:
        """A whole number: `12,345`."""
        return self._written(path, f"{self._at(path):,}")

    def seconds(self, *path: Step) -> Markup:
        """A time as `duration` tells it."""
        return self._written(path, duration(self._at(path)))

    def share(self, *path: Step) -> Markup:
        """`95%`."""
        return self._written(path, f"{self._at(path):.0%}")

    def _at(self, path: tuple[Step, ...]) -> Any:
        return reduce(getitem, _keys(path), self._json)  # type: ignore[arg-type]

    def _written(self, path: tuple[Step, ...], text: str) -> Markup:
        place = ".".join(map(str, _keys(path)))
        opening = Markup('<span class="n" data-verdict="{}" data-value="{}">').format(place, self._at(path))
        return opening + text.replace("-", "−") + Markup("</span>")


def _keys(path: tuple[Step, ...]) -> Iterator[str | int]:
    for step in path:
        yield from step if isinstance(step, tuple) else (step,)


def duration(seconds: float) -> str:
    """`45 s`, `4.2 min`, `3.5 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
