"""Unit: scores told as values of their metric, which is named as people write it.

Tests, intervals and rules read scores alone, from 0 to 1 and higher is better; what is told of them is a value.
"""

from typing import Protocol

from search.verdict.bootstrap import Interval

TITLES = {"auroc": "AUROC", "log_loss": "log-loss", "r2": "R²", "rmse": "RMSE"}


class Metric(Protocol):
    """What the verdict knows of a metric; `workers.metric.Metric` is one."""

    @property
    def name(self) -> str:
        """As the document names it."""

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger value is the better one."""

    def value(self, score: float) -> float:
        """Returns the value that has a score."""

    def difference(self, score: float, reference: float) -> float:
        """Returns how much the value of a score lies above that of a reference score."""


def title(metric: str) -> str:
    """Returns the name of a metric as people write it: `RMSE`, `balanced accuracy`."""
    return TITLES.get(metric, metric.replace("_", " "))


def gain(metric: Metric, score: float, reference: float) -> float:
    """Returns by how much, in the metric's unit, a score is better than a reference: negative where it is worse."""
    return metric.difference(score, reference) if metric.higher_is_better else metric.difference(reference, score)


def value_interval(metric: Metric, interval: Interval) -> Interval:
    """Returns the values of an interval's ends, the lower first."""
    first, second = (metric.value(end) for end in interval)
    return min(first, second), max(first, second)


def figure_scale(metric: Metric) -> float:
    """Returns what figures are rounded by: the range of the metric where that is below 1."""
    return min(1.0, abs(metric.value(1.0) - metric.value(0.0)))
