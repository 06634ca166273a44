"""Evaluation: one architecture trained from scratch a few times, and scored beside a baseline."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from rich.console import Console

from search.evaluation.baseline import BASELINES, baseline_score
from search.evaluation.progress import told
from spaces import Architecture, InvalidInput, Task
from spaces.causality import check_causal
from spaces.choices import Value
from spaces.cost import Cost, cost
from spaces.shapes import Kind
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset
from workers.engine import Signal, Source
from workers.inline_engine import InlineEngine
from workers.outcome import Outcome, Status
from workers.recipe import Recipe
from workers.rows import Rows
from workers.work_unit import WorkUnit


@dataclass(frozen=True)
class Failure:
    """A training without a score.

    Attributes:
        seed: which one.
        status: how it ended.
        reason: why, with the traceback of a crash.
    """

    seed: int
    status: Status
    reason: str


@dataclass(frozen=True)
class Evaluation:
    """What became of an architecture on a data set.

    Attributes:
        dataset: its name.
        metric: what a score is a value of.
        higher_is_better: whether more of that is better.
        architecture: the choices.
        fingerprint: the architecture's.
        families: of its operations.
        parameters, flops, activation_bytes: its cost, see `spaces.cost`; `None` of a network that cannot be built.
        steps: optimizer steps of a training.
        scores: on the confirm rows, one a seed; `None` where the training failed.
        mean: of the scores there are.
        sd: their standard deviation; `None` with fewer than two.
        seconds: wall-clock time of each training.
        baseline: what it is compared with, see `BASELINES`.
        baseline_scores: of that on the same rows.
        baseline_mean: their mean.
        failures: the trainings without a score.
    """

    dataset: str
    metric: str
    higher_is_better: bool
    architecture: Mapping[str, Value]
    fingerprint: str
    families: tuple[str, ...]
    parameters: int | None
    flops: int | None
    activation_bytes: int | None
    steps: int
    scores: tuple[float | None, ...]
    mean: float | None
    sd: float | None
    seconds: tuple[float, ...]
    baseline: str
    baseline_scores: tuple[float, ...]
    baseline_mean: float
    failures: tuple[Failure, ...]

    @property
    def difference(self) -> float | None:
        """Mean of what the network scores above the baseline, over the seeds it has a score for."""
        pairs = zip(self.scores, self.baseline_scores, strict=True)
        differences = [score - baseline for score, baseline in pairs if score is not None]
        return statistics.fmean(differences) if differences else None

    def to_json(self) -> dict[str, Any]:
        """A JSON object with all fields."""
        return asdict(self)


def evaluate(
    architecture: Architecture,
    dataset: Dataset,
    *,
    seeds: int = 3,
    steps: int = 1000,
    seed: int = 0,
    recipe: Recipe | None = None,
    progress: Console | None = None,
) -> Evaluation:
    """Trains an architecture from scratch once a seed, in this process, and scores it on rows it did not learn from.

    Each seed has the division of the development rows of its own number, as in a study's census; scored are that
    division's confirm rows. The sealed test stays sealed. A training that fails is an outcome, not an exception.

    Args:
        architecture: what is trained.
        dataset: the rows.
        seeds: how many trainings.
        steps: optimizer steps of each.
        seed: the first of the seeds.
        recipe: how it is optimized; by default as a study trains its landmarks.
        progress: where progress is told, live on a terminal and as a line a seed elsewhere; standard error by default.

    Raises:
        InvalidInput: `seeds` or `steps` is less than 1, `seed` is negative, or the network would see the tokens that it
            is to predict.
    """
    for name, number, least in (("seeds", seeds, 1), ("steps", steps, 1), ("seed", seed, 0)):
        if number < least:
            raise InvalidInput(f"{name}: found {number}, expected at least {least}")
    if dataset.task.kind is Kind.NEXT_TOKEN:
        check_causal(architecture)
    recipe = recipe or Recipe.usual(dataset.task, dataset.metric.name)
    numbers = range(seed, seed + seeds)
    units = [WorkUnit(number, architecture, recipe, number, number, 0, steps, steps) for number in numbers]
    console = Console(stderr=True) if progress is None else progress
    with told(console, seeds, dataset.metric, BASELINES[dataset.task.kind]) as tell:
        trainings = _Trainings(units, tell)
        with InlineEngine() as engine, tempfile.TemporaryDirectory() as unused:
            engine.run(trainings, dataset, Checkpoints(Path(unused)))
        baseline_scores = [baseline_score(Rows.of(dataset, number)) for number in numbers]
    return _evaluation(architecture, dataset, steps, trainings.outcomes, baseline_scores)


class _Trainings(Source):
    """Proposes unit after unit, and tells of every outcome."""

    def __init__(self, units: Sequence[WorkUnit], tell: Callable[[Outcome], None]) -> None:
        self._units = iter(units)
        self._tell = tell
        self.outcomes: list[Outcome] = []

    def propose(self) -> WorkUnit | Signal:
        """See `Source.propose`."""
        return next(self._units, Signal.DONE)

    def absorb(self, outcome: Outcome) -> None:
        """See `Source.absorb`."""
        self.outcomes.append(outcome)
        self._tell(outcome)


def _evaluation(
    architecture: Architecture,
    dataset: Dataset,
    steps: int,
    outcomes: Sequence[Outcome],
    baseline_scores: Sequence[float],
) -> Evaluation:
    metric = dataset.metric
    confirmed = [outcome.confirm_score for outcome in outcomes]
    scores = tuple(None if score is None else metric.value(score) for score in confirmed)
    known = [score for score in scores if score is not None]
    baselines = tuple(metric.value(score) for score in baseline_scores)
    return Evaluation(
        dataset=dataset.name,
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        architecture=architecture.to_json(),
        fingerprint=architecture.fingerprint,
        families=architecture.families,
        **_cost(architecture, dataset.task),
        steps=steps,
        scores=scores,
        mean=statistics.fmean(known) if known else None,
        sd=statistics.stdev(known) if len(known) > 1 else None,
        seconds=tuple(outcome.seconds for outcome in outcomes),
        baseline=BASELINES[dataset.task.kind],
        baseline_scores=baselines,
        baseline_mean=statistics.fmean(baselines),
        failures=tuple(Failure(each.trial, each.status, each.reason) for each in outcomes if each.failed),
    )


def _cost(architecture: Architecture, task: Task) -> dict[str, Any]:
    """The fields of `Cost`."""
    try:
        return asdict(cost(architecture, task))
    except Exception:  # a network that cannot be built cannot be trained either: its failures say why
        return {field.name: None for field in fields(Cost)}
