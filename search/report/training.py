"""How training went: learning curves of the census, how well early scores rank, and what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from search.report.families import Family, families
from search.report.record import Record
from search.report.scale import Plot, Scale
from search.trial import Trial
from workers.rungs import rungs

MOST_CURVES = 40
"""That are drawn of a family; of more, evenly many from the worst to the best."""


@dataclass(frozen=True)
class Panel:
    """The learning curves of one family.

    Attributes:
        family: which.
        networks: how many trained to the end.
        paths: of curves, the best one last; at most `MOST_CURVES`.
        table: steps -> median and best value, where scores were taken of all.
    """

    family: Family
    networks: int
    paths: list[str]
    table: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class Failures:
    """Failures of one kind: how many in each family, and what the last lines of their reasons say, with counts."""

    kind: str
    families: dict[str, int]
    reasons: list[tuple[str, int]]


def learning_plot(record: Record) -> Plot | None:
    """The axes of all panels; None where no curve was recorded."""
    trials = [trial for trial in record.of_phase("census") if trial.curve and not trial.failed]
    if not trials:
        return None
    values = [record.value(point.search_score) for trial in trials for point in trial.curve]
    return Plot(Scale(0, max(trial.reached for trial in trials)), Scale.around(values, *record.value_range))


def learning_panels(record: Record, plot: Plot) -> list[Panel]:
    """One a family, in the verdict's order."""
    return [_panel(record, plot, family) for family in families(record)]


def _panel(record: Record, plot: Plot, family: Family) -> Panel:
    own = [t for t in record.of_phase("census") if t.family == family.name and t.curve and not t.failed]
    own.sort(key=lambda trial: trial.search_score or 0.0)
    return Panel(
        family=family,
        networks=len(own),
        paths=[plot.line(_points(record, trial)) for trial in _evenly(own, MOST_CURVES)],
        table=_table(record, own),
    )


def _points(record: Record, trial: Trial) -> list[tuple[float, float]]:
    return [(point.step, record.value(point.search_score)) for point in trial.curve]


def _evenly(trials: Sequence[Trial], most: int) -> list[Trial]:
    if len(trials) <= most:
        return list(trials)
    return [trials[round(number * (len(trials) - 1) / (most - 1))] for number in range(most)]


def _table(record: Record, trials: Sequence[Trial]) -> dict[int, tuple[float, float]]:
    table = {}
    for step in rungs(record.horizon) if trials else ():
        scores = [score for trial in trials if (score := trial.score_after(step)) is not None]
        if scores:
            table[step] = record.value(median(scores)), record.value(max(scores))
    return table


def failures(record: Record) -> list[Failures]:
    """Of all phases, by kind, the most frequent first."""
    failed: dict[str, list[Trial]] = {}
    for trial in record.trials:
        if trial.failed:
            failed.setdefault(trial.outcomes[-1].status.value, []).append(trial)
    return [
        Failures(
            kind.replace("_", " "),
            dict(sorted(Counter(trial.family for trial in trials).items())),
            Counter(_last_line(trial.outcomes[-1].reason) for trial in trials).most_common(3),
        )
        for kind, trials in sorted(failed.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _last_line(reason: str) -> str:
    return (reason.strip().splitlines() or ["for no known reason"])[-1]
