"""Gain: what asking several networks together is worth, on rows that none of them learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from search.verdict.bootstrap import LEVEL, Interval
from search.verdict.unit import gain
from spaces.export.ensemble import Ensemble
from spaces.shapes import Task
from workers.metric import Metric
from workers.metrics import MEASURES, answers
from workers.rows import NO_TOKEN, Labelled

RESAMPLES = 1000

CAVEAT = (
    "No member learned from these rows, but the study chose members by their scores on development rows, these among "
    "them; and the interval tells the luck of these rows, not that of training. The sealed test stays shut: a study "
    "opens it once."
)


@dataclass(frozen=True)
class Gain:
    """How good networks are, alone and together; values are in the metric's unit.

    Attributes:
        rows: how many they were asked about.
        members: value of each alone, the champion first.
        together: value of their mean.
        difference: by how much that is better than the champion alone, which was known before; negative if worse.
        interval: of the difference, 95 %, by resampling rows.
    """

    rows: int
    members: Mapping[str, float]
    together: float
    difference: float
    interval: Interval

    @property
    def notes(self) -> list[str]:
        """What must be known to read it."""
        if self.interval[0] < self.interval[1]:
            return [CAVEAT]
        alike = (
            f"Both are right and wrong on the same of these {self.rows:,} rows, which are too few to tell them apart."
        )
        return [alike, CAVEAT]

    def to_json(self) -> dict[str, Any]:
        """As it travels with the ensemble."""
        return {
            "held_out": self.together,
            "held_out_rows": self.rows,
            "members_held_out": dict(self.members),
            "gain": self.difference,
            "gain_interval": list(self.interval),
            "gain_over": next(iter(self.members)),
            "notes": self.notes,
        }


def gain_of(members: Mapping[str, nn.Module], rows: Labelled, task: Task, metric: Metric) -> Gain:
    """What these networks gain over the first of them.

    Args:
        members: by name; all were trained on rows standardized like these.
        rows: that none of them learned from.
        task: theirs.
        metric: by which they are compared.
    """
    networks = {**members, "": Ensemble(list(members.values()), task.kind).eval()}
    kept = {name: answers(network, rows, metric) for name, network in networks.items()}
    conclude = MEASURES[metric.name].conclude
    score = {name: metric.score(conclude(*found)) for name, found in kept.items()}
    first = next(iter(members))

    def resampled(places: Tensor) -> float:
        together, alone = (metric.score(conclude(*(each[places] for each in kept[name]))) for name in ("", first))
        return gain(metric, together, alone)

    tail = (1 - LEVEL) / 2
    low, high = np.quantile([resampled(places) for places in _resamples(rows.y)], [tail, 1 - tail])
    return Gain(
        rows=len(rows),
        members={name: metric.value(score[name]) for name in members},
        together=metric.value(score[""]),
        difference=gain(metric, score[""], score[first]),
        interval=(float(low), float(high)),
    )


def _resamples(y: Tensor) -> list[Tensor]:
    """Where, among the answers, those of rows drawn with replacement stand; the tokens of a row stay together."""
    picks: NDArray[np.int64] = np.random.default_rng(0).integers(len(y), size=(RESAMPLES, len(y)))
    if y.ndim == 1:
        return list(torch.from_numpy(picks))
    tokens = (y != NO_TOKEN).sum(1)
    of_row = torch.arange(int(tokens.sum())).split(tokens.tolist())
    return [torch.cat([of_row[row] for row in picked]) for picked in picks]
