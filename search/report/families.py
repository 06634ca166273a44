"""The families: their intervals, the curves of the expected best, and what the words mean."""

from __future__ import annotations

from dataclasses import dataclass

from search.report.record import Record
from search.report.scale import Plot, Scale, apart
from search.verdict import reading

ABOUT = {
    "feedforward": "plain dense layers, in which every input meets every unit",
    "convolution": "small filters that are moved over neighbouring positions",
    "recurrence": "a memory that is carried from position to position",
    "wavelet": "wave-shaped units of several widths and places",
    "attention": "every position looks at all others and weighs them",
    "control": "no mixing between positions but averaging: it shows what structure is worth at all",
}
"""What a family is, for somebody who does not build networks."""

LABEL_DISTANCE = 5.5
"""Of labels beside curves, in percent of their plot's height."""


@dataclass(frozen=True)
class Family:
    """One family; `place` is its place in the verdict, `key` names its colour."""

    place: int
    name: str
    key: str
    about: str
    standing: reading.Standing


@dataclass(frozen=True)
class Curve:
    """A family's expected best against the tries, and where its label stands."""

    family: Family
    path: str
    end: float
    label: float


def families(record: Record) -> list[Family]:
    """All of them, best first."""
    verdict = record.verdict
    return [
        Family(place, row.family, color_key(row.family), ABOUT.get(row.family, ""), reading.standing(row, verdict))
        for place, row in enumerate(verdict.families)
    ]


def color_key(family: str) -> str:
    """The family's own, that of hybrids, or that of families of the user's."""
    if "+" in family:
        return "hybrid"
    return family if family in ABOUT else "other"


def interval_scale(record: Record) -> Scale:
    """The axis that holds all intervals."""
    rows = record.verdict.families
    ends = [value for row in rows for value in (*row.interval, row.expected_best)]
    return Scale.around(ends, *record.value_range)


def expected_best_plot(record: Record) -> Plot | None:
    """The axes of the curves; None where a single network a family leaves nothing to draw."""
    curves = [row.curve for row in record.verdict.families]
    most = max(map(len, curves), default=0)
    if most < 2:
        return None
    values = [value for curve in curves for value in curve]
    return Plot(Scale(1, most, is_whole=True), Scale.around(values, *record.value_range))


def expected_best_curves(record: Record, plot: Plot) -> list[Curve]:
    """A curve a family, labels moved apart."""
    rows = record.verdict.families
    ends = [plot.top(row.curve[-1]) for row in rows]
    return [
        Curve(family, plot.line([(tries, value) for tries, value in enumerate(row.curve, 1)]), end, label)
        for family, row, end, label in zip(families(record), rows, ends, apart(ends, LABEL_DISTANCE), strict=True)
    ]
