"""Best so far over time, beside what uniform sampling would be expected to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.phases.ranking import COMPARABLE_PHASES
from search.report.record import Record
from search.report.scale import Plot, Scale
from search.trial import Trial
from search.verdict.expected_best import expected_best_curve
from workers.metric import WORST_SCORE


@dataclass(frozen=True)
class Cloud:
    """Dots of one kind: trainings of a phase, or networks of a family."""

    name: str
    key: str
    count: int
    path: str


@dataclass(frozen=True)
class Comparison:
    """The adaptive search beside uniform draws that cost as much worker time; values on the search rows.

    Attributes:
        begun: networks that the search began, and how many of them
        finished: it trained to the end.
        seconds: of workers that it took.
        best: of those that it finished.
        draws: uniform draws that such a time buys.
        expected: value of the best of so many draws; None where the census has fewer.
    """

    begun: int
    finished: int
    seconds: float
    best: float
    draws: int
    expected: float | None


@dataclass(frozen=True)
class BestSoFar:
    """The picture of best so far over time.

    Attributes:
        plot: seconds on the study's clock, and values on the search rows.
        trainings: a cloud a phase, and
        outside: how many more trainings are worse than a single uniform draw is expected to be, below the picture.
        best: path of the best so far.
        uniform: path of what uniform sampling is expected to reach.
        table: each new best: seconds, value, phase, what it is.
        draws: networks of the census, which are the uniform sample.
        comparison: the search alone beside uniform draws; None where it finished nothing.
    """

    plot: Plot
    trainings: list[Cloud]
    outside: int
    best: str
    uniform: str
    table: list[tuple[float, float, str, str]]
    draws: int
    comparison: Comparison | None


def best_so_far(record: Record) -> BestSoFar | None:
    """From the full trainings; None where earlier versions did not record when they ended."""
    ended = [(trial.outcomes[-1].ended, trial) for trial in record.full_trainings]
    timed = sorted(((at, trial) for at, trial in ended if at is not None), key=lambda pair: (pair[0], pair[1].number))
    if len(timed) < 2 or len(timed) < len(ended):
        return None
    uniform = _uniform(record)
    best = [(at, record.value(trial.search_score or 0.0), trial) for at, trial in _records(timed)]
    shown = [value for _, value, _ in best] + [value for _, value in uniform]
    plot = Plot(Scale(0.0, 1.02 * timed[-1][0]), Scale.around(shown, *record.value_range))
    points = {trial.number: (at, record.value(trial.search_score or 0.0)) for at, trial in timed}
    inside = [trial for _, trial in timed if 0 <= plot.y.at(points[trial.number][1]) <= 100]
    return BestSoFar(
        plot=plot,
        trainings=[
            _cloud(plot, phase, [points[trial.number] for trial in inside if trial.phase == phase])
            for phase in COMPARABLE_PHASES
        ],
        outside=len(timed) - len(inside),
        best=plot.steps([(at, value) for at, value, _ in best] + [(timed[-1][0], best[-1][1])]),
        uniform=plot.line(uniform) if uniform else "",
        table=[(at, value, trial.phase, trial.family) for at, value, trial in best],
        draws=len(uniform),
        comparison=_comparison(record),
    )


def _cloud(plot: Plot, phase: str, points: Sequence[tuple[float, float]]) -> Cloud:
    return Cloud(phase, phase, len(points), plot.dots(points))


def _records(timed: Sequence[tuple[float, Trial]]) -> list[tuple[float, Trial]]:
    """Those that were better than all before them."""
    found: list[tuple[float, Trial]] = []
    for at, trial in timed:
        if not found or (trial.search_score or 0.0) > (found[-1][1].search_score or 0.0):
            found.append((at, trial))
    return found


def _uniform(record: Record) -> list[tuple[float, float]]:
    """Seconds on the clock of a study that only samples, as busy as this one, and the expected best by then."""
    census = [trial for trial in record.of_phase("census") if trial.finished]
    if not census:
        return []
    busy = sum(trial.seconds for trial in record.trials) / record.verdict.budget.wall_seconds
    apiece = float(np.mean([trial.seconds for trial in census])) / busy if busy else 0.0
    return [(tries * apiece, record.value(score)) for tries, score in enumerate(_expected_search_bests(census), 1)]


def _expected_search_bests(census: Sequence[Trial]) -> np.ndarray:
    """E_1 ... E_N of the search scores; picked by the scores that are told, as the search's own best is."""
    scores = [WORST_SCORE if trial.search_score is None or trial.failed else trial.search_score for trial in census]
    return expected_best_curve(scores, scores)


def _comparison(record: Record) -> Comparison | None:
    own, census = record.of_phase("adaptive"), [t for t in record.of_phase("census") if t.finished]
    finished = [trial for trial in record.full_trainings if trial.phase == "adaptive"]
    if not finished or not census:
        return None
    seconds = sum(trial.seconds for trial in own)
    draws = round(seconds / float(np.mean([trial.seconds for trial in census])))
    expected = record.value(_expected_search_bests(census)[draws - 1]) if 1 <= draws <= len(census) else None
    best = record.value(max(trial.search_score or 0.0 for trial in finished))
    return Comparison(len(own), len(finished), seconds, best, draws, expected)
