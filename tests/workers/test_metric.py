"""Metrics: values and scores."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.errors import InvalidInput
from spaces.shapes import Kind
from workers.metric import METRICS, metric_of

EVERY = [(kind, name) for kind, names in METRICS.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), EVERY)
@given(score=st.floats(0, 1))
def test_a_score_is_that_of_its_value(kind: Kind, name: str, score: float) -> None:
    """Scores turn into values and back."""
    metric = metric_of(kind, name, outputs=7, deviation=3.0)
    assert metric.score(metric.value(score)) == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_better_value_has_the_higher_score(kind: Kind, name: str) -> None:
    """Whichever way the metric goes, scores go up."""
    metric = metric_of(kind, name, outputs=7, deviation=3.0)
    low, high = sorted((metric.value(0.2), metric.value(0.7)))
    assert (metric.score(high) > metric.score(low)) == metric.higher_is_better
    assert metric.score(metric.best) == 1.0


def test_ends_follow_from_the_data() -> None:
    """Guessing evenly scores 0 by log-loss, AUROC and perplexity, the mean scores 0 by RMSE."""
    assert metric_of(Kind.CLASSIFICATION, "log_loss", outputs=4).score(math.log(4)) == 0.0
    assert metric_of(Kind.CLASSIFICATION, "auroc").score(0.5) == 0.0
    assert metric_of(Kind.NEXT_TOKEN, outputs=9).score(9.0) == 0.0
    assert metric_of(Kind.REGRESSION, "rmse", deviation=2.5).score(2.5) == 0.0


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e9])
@pytest.mark.parametrize("name", ["rmse", "r2"])
def test_what_is_worse_than_the_worst_scores_nothing(name: str, value: float) -> None:
    """A score never leaves [0, 1], whatever a network does."""
    metric = metric_of(Kind.REGRESSION, name)
    assert metric.score(-value if metric.higher_is_better else value) == 0.0


def test_an_unknown_metric_is_refused_with_those_there_are() -> None:
    """RMSE is none of a classification."""
    with pytest.raises(InvalidInput, match="found 'rmse', expected one of accuracy, balanced_accuracy, log_loss"):
        metric_of(Kind.CLASSIFICATION, "rmse")


def test_differences_are_in_the_metrics_own_unit() -> None:
    """Half a score more is half the deviation less RMSE."""
    assert metric_of(Kind.REGRESSION, "rmse", deviation=2.0).difference(0.9, 0.4) == pytest.approx(-1.0)
