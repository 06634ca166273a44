"""Metric: what candidates are compared by, and the scores that its values become."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from spaces.errors import InvalidInput
from spaces.shapes import Kind

WORST_SCORE = 0.0
"""What a failed candidate counts as: a family whose candidates fail pays for it."""

METRICS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CLASSIFICATION: ("accuracy", "balanced_accuracy", "log_loss", "auroc"),
    Kind.REGRESSION: ("r2", "rmse"),
    Kind.NEXT_TOKEN: ("perplexity", "accuracy"),
}
"""The metrics of each kind of task, the default first."""


@dataclass(frozen=True)
class Metric:
    """A metric of one data set.

    Search and verdict read scores: 1 is perfect, 0 is what a prediction that looks at no row is worth: of R² and RMSE
    the mean, of AUROC chance, of log-loss and perplexity all classes or tokens alike. Of accuracies it is nothing
    right. So for every metric more is better, a failure has a score, and a difference of .01 is small.

    Attributes:
        name: one of `METRICS`.
        worst: the value whose score is 0; worse ones score no less.
        best: the value whose score is 1.
        is_geometric: whether scores are linear in the value's logarithm.
    """

    name: str
    worst: float = 0.0
    best: float = 1.0
    is_geometric: bool = False

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger value is the better one."""
        return self.best > self.worst

    def score(self, value: float) -> float:
        """The score of a value, within [0, 1]; that of no number is 0."""
        low, high = self._scaled(self.worst), self._scaled(self.best)
        share = (self._scaled(value) - low) / (high - low) if value > 0 or not self.is_geometric else math.nan
        return 0.0 if math.isnan(share) else min(1.0, max(0.0, share))

    def value(self, score: float) -> float:
        """The value that has a score."""
        low, high = self._scaled(self.worst), self._scaled(self.best)
        scaled = low + score * (high - low)
        return math.exp(scaled) if self.is_geometric else scaled

    def difference(self, score: float, reference: float) -> float:
        """How much the value of a score lies above that of a reference score."""
        return self.value(score) - self.value(reference)

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.is_geometric else value


def metric_of(kind: Kind, name: str | None = None, *, outputs: int = 2, deviation: float = 1.0) -> Metric:
    """The metric of this name for a data set, or the default of its kind of task.

    Args:
        kind: of task.
        name: one of `METRICS[kind]`.
        outputs: classes that are told apart, or the largest token id and one more.
        deviation: standard deviation of the numbers that are to be predicted.

    Raises:
        InvalidInput: this kind of task has no such metric.
    """
    name = name or METRICS[kind][0]
    if name not in METRICS[kind]:
        raise InvalidInput(f"metric: found {name!r}, expected one of {', '.join(METRICS[kind])} for {kind}")
    ends = {
        "auroc": Metric(name, worst=0.5),
        "log_loss": Metric(name, worst=math.log(outputs), best=0.0),
        "rmse": Metric(name, worst=deviation, best=0.0),
        "perplexity": Metric(name, worst=float(outputs), best=1.0, is_geometric=True),
    }
    return ends.get(name, Metric(name))
