"""Scores told as values of their metric."""

import pytest

from search.verdict.unit import Metric, figure_scale, gain, title, value_interval
from spaces.shapes import Kind
from tests.search.verdict.censuses import ACCURACY, LOG_LOSS, RMSE, SMALL_ERROR, SMALL_GAIN
from workers.metric import metric_of

AUROC = metric_of(Kind.CLASSIFICATION, "auroc")


@pytest.mark.parametrize(
    ("metric", "scale"),
    [(ACCURACY, 1.0), (AUROC, 0.5), (RMSE, 1.0), (LOG_LOSS, 1.0), (SMALL_GAIN, 0.004), (SMALL_ERROR, 0.004)],
    ids=lambda given: getattr(given, "name", ""),
)
def test_figures_go_by_the_range_of_the_metric(metric: Metric, scale: float):
    """Where that is below 1, whichever way the metric goes."""
    assert figure_scale(metric) == pytest.approx(scale)


def test_a_gain_is_an_improvement():
    """Of an accuracy what it rises by, of an error what it falls by; less than nothing where it is worse."""
    assert gain(ACCURACY, 0.9, 0.7) == pytest.approx(0.2)
    assert gain(RMSE, 0.9, 0.7) == pytest.approx(1.0)
    assert gain(RMSE, 0.7, 0.9) == pytest.approx(-1.0)


def test_an_interval_of_values_has_its_lower_end_first():
    """Also where a higher score is a lower value."""
    assert value_interval(AUROC, (0.2, 0.6)) == pytest.approx((0.6, 0.8))
    assert value_interval(RMSE, (0.2, 0.6)) == pytest.approx((2.0, 4.0))


def test_metrics_are_named_as_people_write_them():
    """An abbreviation is one, and words have no underscores."""
    assert [title(name) for name in ("r2", "rmse", "balanced_accuracy")] == ["R²", "RMSE", "balanced accuracy"]
