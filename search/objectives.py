"""Objectives: what a study looks for beside the score, and the networks that are best in all of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd

from search.samplers.dominance import dominance_ranks
from search.trial import Trial
from spaces import InvalidInput, cost
from spaces.shapes import Task
from workers.metric import Metric

SCORE = "score"
COLUMNS = ("trial", "fingerprint", "family", "value", "parameters", "flops", "latency", "seconds")
"""Of a front."""


COSTS: Mapping[str, Callable[[Trial, Task], float | None]] = {
    "parameters": lambda trial, task: cost.parameters(trial.architecture, task),
    "flops": lambda trial, task: cost.flops(trial.architecture, task),
    "latency": lambda trial, task: trial.latency_seconds,
    "seconds": lambda trial, task: trial.full_seconds,
}
"""What a study may want little of: numbers of a trial, None as long as they are not known."""


CostsOf: TypeAlias = Callable[[Trial], tuple[float, ...]]
"""What a study wants little of, from a trial; nan as long as it is not known."""


def no_costs(trial: Trial) -> tuple[float, ...]:
    """Where the score is all."""
    return ()


def costs_of(objectives: Sequence[str], task: Task) -> CostsOf:
    """The costs among a study's objectives, which begin with the score."""
    wanted = [COSTS[name] for name in objectives[1:]]
    if not wanted:
        return no_costs
    return lambda trial: tuple(math.nan if (cost := of(trial, task)) is None else cost for of in wanted)


def parse_objectives(text: str) -> tuple[str, ...]:
    """The names in `score,parameters`, the score first.

    Raises:
        InvalidInput: one is unknown or there twice, or the score is missing.
    """
    names = [name.strip() for name in text.split(",")]
    expected = f"expected {SCORE}, or {SCORE} and some of {', '.join(COSTS)}, such as {SCORE},parameters"
    for name in names:
        if name != SCORE and name not in COSTS:
            raise InvalidInput(f"objective: found {name!r}, {expected}")
    if SCORE not in names or len(set(names)) < len(names):
        raise InvalidInput(f"objective: found {text!r}, {expected}")
    return (SCORE, *(name for name in names if name != SCORE))


def front(networks: Sequence[Trial], objectives: Sequence[str], task: Task, metric: Metric) -> pd.DataFrame:
    """The networks that no other dominates, best score first; see `search.study.Study.front`."""
    wanted = objectives[1:] or ("parameters",)
    rows = [_row(trial, task, metric) for trial in networks]
    known = [(t, row) for t, row in zip(networks, rows, strict=True) if all(row[name] is not None for name in wanted)]
    losses = np.array([[-(t.search_score or 0.0), *(row[name] for name in wanted)] for t, row in known], dtype=float)
    best = dominance_ranks(losses) == 0 if known else []
    ordered = sorted((pair for pair, is_best in zip(known, best, strict=True) if is_best), key=_by_score)
    return pd.DataFrame([row for _, row in ordered], columns=list(COLUMNS))


def _by_score(pair: tuple[Trial, dict[str, object]]) -> float:
    return -(pair[0].search_score or 0.0)


def _row(trial: Trial, task: Task, metric: Metric) -> dict[str, object]:
    return {
        "trial": trial.number,
        "fingerprint": trial.architecture.fingerprint,
        "family": trial.family,
        "value": metric.value(trial.search_score or 0.0),
        **{name: loss(trial, task) for name, loss in COSTS.items()},
    }
