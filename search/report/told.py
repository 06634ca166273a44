"""Numbers of the verdict as a report writes them: rounded for people, exact beside it for programs.

Each number names the place in the verdict's JSON that it was taken from, so that whoever doubts one can look it up and
a test can look up all.
"""

from __future__ import annotations

from functools import reduce
from operator import getitem

from markupsafe import Markup

from search.verdict.document import VerdictDocument
from search.verdict.figures import score_figure, signed_figure
from search.verdict.reading import document_scale

LEAST_PROBABILITY = 0.001


class Told:
    """Writes numbers of one verdict.

    Args:
        verdict: the numbers are looked up there, by path: `score("families", 0, "expected_best")`.
        tag: `span` in a text, `tspan` in a picture.
    """

    def __init__(self, verdict: VerdictDocument, tag: str = "span") -> None:
        self._json = verdict.to_json()
        self._scale = document_scale(verdict)
        self._tag = tag

    def score(self, *path: str | int) -> Markup:
        """A value of the metric: `.887`."""
        return self._written(path, score_figure(self._at(path), self._scale))

    def gain(self, *path: str | int) -> Markup:
        """An improvement, above 0, or the contrary: `+.02`."""
        return self._written(path, signed_figure(self._at(path), self._scale))

    def probability(self, *path: str | int) -> Markup:
        """A p-value: `.032`, `<.001`."""
        value = self._at(path)
        return self._written(path, f"<{score_figure(LEAST_PROBABILITY)}" if value < LEAST_PROBABILITY else _p(value))

    def correlation(self, *path: str | int) -> Markup:
        """A number from -1 to 1: `.7`, `−.12`."""
        return self._written(path, score_figure(self._at(path)))

    def count(self, *path: str | int) -> Markup:
        """A whole number: `12,345`."""
        return self._written(path, f"{self._at(path):,}")

    def seconds(self, *path: str | int) -> Markup:
        """`252 s`."""
        return self._written(path, f"{self._at(path):,.0f} s")

    def share(self, *path: str | int) -> Markup:
        """`95 %`."""
        return self._written(path, f"{self._at(path):.0%}")

    def _at(self, path: tuple[str | int, ...]) -> float:
        return reduce(getitem, path, self._json)  # type: ignore[arg-type, return-value]

    def _written(self, path: tuple[str | int, ...], text: str) -> Markup:
        place = ".".join(map(str, path))
        opening = Markup('<{} class="n" data-verdict="{}" data-value="{}">').format(self._tag, place, self._at(path))
        return opening + Markup("{}</{}>").format(text.replace("-", "−"), self._tag)


def _p(value: float) -> str:
    return score_figure(value) if value < 1 else "1"
