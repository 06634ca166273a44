"""The best network found, and those it was compared with on the sealed test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from search.diagram import svg_diagram
from search.report.families import color_key
from search.report.record import Record
from search.report.scale import Scale
from spaces import Architecture


@dataclass(frozen=True)
class Finalist:
    """A network on the sealed test.

    Attributes:
        role: what it is.
        name: what it is called.
        key: of its colour.
        path: of its figures in the verdict.
        mean: over the seeds.
        has_deviation: whether there is one.
        low, high: ends of the mean and deviation.
        seeds: values of the single seeds.
    """

    role: str
    name: str
    key: str
    path: tuple[str | int, ...]
    mean: float
    has_deviation: bool
    low: float
    high: float
    seeds: tuple[float, ...]


def diagram(record: Record) -> Markup:
    """The champion from its input to what it predicts, as one picture."""
    champion = record.verdict.champion
    assert champion is not None
    return Markup(svg_diagram(Architecture(champion.architecture), record.task))  # type: ignore[arg-type]


def finalists(record: Record) -> list[Finalist]:
    """Those that were confirmed: the champion first, then the runner-up and the landmarks."""
    champion = record.verdict.champion
    if champion is None or champion.sealed_test is None:
        return []
    found = [_finalist(record, "best found", "champion", champion.model_dump(), ("champion",))]
    if champion.runner_up and champion.runner_up.get("sealed_test"):
        found.append(_finalist(record, "second best", "runner-up", champion.runner_up, ("champion", "runner_up")))
    known = {t.slot: t.architecture for t in record.of_phase("landmarks")}
    for place, landmark in enumerate(champion.landmarks):
        own = known.get(landmark.name)
        facts = {**landmark.model_dump(), **({"fingerprint": own.fingerprint, "families": own.families} if own else {})}
        found.append(_finalist(record, "hand-designed", landmark.name, facts, ("champion", "landmarks", place)))
    return found


def _finalist(record: Record, role: str, name: str, facts: Mapping, path: tuple[str | int, ...]) -> Finalist:
    sealed = facts["sealed_test"]
    seeds = tuple(
        record.value(trial.test_score)
        for trial in record.of_phase("confirmation")
        if trial.architecture.fingerprint == facts.get("fingerprint") and trial.test_score is not None
    )
    deviation = sealed["sd"] or 0.0
    return Finalist(
        role,
        name,
        color_key("+".join(facts.get("families", ()))),
        (*path, "sealed_test"),
        sealed["mean"],
        sealed["sd"] is not None,
        sealed["mean"] - deviation,
        sealed["mean"] + deviation,
        seeds,
    )


def sealed_scale(record: Record) -> Scale:
    """The axis that holds all means, deviations and seeds."""
    values = [value for finalist in finalists(record) for value in (finalist.low, finalist.high, *finalist.seeds)]
    return Scale.around(values)
