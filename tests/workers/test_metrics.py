"""Metrics against scikit-learn and literal formulas, and the scoring of a network."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn import metrics as sklearn_metrics
from torch import Tensor, nn

from spaces.shapes import Kind
from workers.metric import METRICS, Metric, metric_of
from workers.metrics import EVALUATION_BATCH, MEASURES, Diverged, evaluate
from workers.rows import NO_TOKEN, Labelled
from workers.target_scale import TargetScale

RNG = np.random.default_rng(0)
SCORES = RNG.normal(0, 2, (200, 4)).astype(np.float32)
CLASSES = RNG.choice(4, 200, p=(0.55, 0.25, 0.15, 0.05))
PROBABILITIES = np.exp(SCORES.astype(np.float64)) / np.exp(SCORES.astype(np.float64)).sum(1, keepdims=True)


def value(name: str, outputs: np.ndarray, y: np.ndarray) -> float:
    return MEASURES[name].value(torch.from_numpy(outputs), torch.from_numpy(y))


class Given(nn.Module):
    """Gives for each row number what it was told to."""

    def __init__(self, outputs: Tensor) -> None:
        super().__init__()
        self.outputs = outputs
        self.rows: list[int] = []

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Maps row numbers `(batch, 1)` to their outputs."""
        self.rows += x[:, 0].long().tolist()
        return self.outputs[x[:, 0].long()]


def numbered(y: Tensor, **further) -> Labelled:
    return Labelled(torch.arange(len(y))[:, None], y, **further)


def test_every_metric_is_measured():
    """Each metric that a user may name has its measure, and no other has."""
    assert set(MEASURES) == {name for names in METRICS.values() for name in names}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", sklearn_metrics.accuracy_score(CLASSES, SCORES.argmax(1))),
        ("balanced_accuracy", sklearn_metrics.balanced_accuracy_score(CLASSES, SCORES.argmax(1))),
        ("log_loss", sklearn_metrics.log_loss(CLASSES, PROBABILITIES)),
        ("auroc", sklearn_metrics.roc_auc_score(CLASSES, PROBABILITIES, multi_class="ovr")),
    ],
)
def test_metrics_of_classes_are_scikit_learns(name: str, expected: float):
    """Of four classes of unequal size."""
    assert value(name, SCORES, CLASSES) == pytest.approx(expected, rel=1e-12)


def test_the_auroc_of_two_classes_is_that_of_the_second():
    """As scikit-learn has it from the scores of one class."""
    y = CLASSES % 2
    expected = sklearn_metrics.roc_auc_score(y, SCORES[:, 1] - SCORES[:, 0])
    assert value("auroc", SCORES[:, :2], y) == pytest.approx(expected, rel=1e-12)


def test_the_auroc_passes_over_classes_without_rows():
    """Of classes 0 and 2 alone it is the mean of theirs; of a single class there is none."""
    some = (CLASSES == 0) | (CLASSES == 2)
    areas = [sklearn_metrics.roc_auc_score(CLASSES[some] == c, PROBABILITIES[some, c]) for c in (0, 2)]
    assert value("auroc", SCORES[some], CLASSES[some]) == pytest.approx(np.mean(areas), rel=1e-12)
    assert math.isnan(value("auroc", SCORES, np.zeros_like(CLASSES)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("accuracy", 0.5), ("balanced_accuracy", 0.5), ("log_loss", -math.log(np.finfo(float).eps) / 2)],
)
def test_a_class_never_seen_is_always_wrong(name: str, expected: float):
    """An index of -1 is hit by no prediction, and has the least probability there is."""
    outputs, y = np.array([[400.0, 0.0], [400.0, 0.0]]), np.array([0, -1])
    assert value(name, outputs, y) == pytest.approx(expected)


def test_a_certain_mistake_costs_a_bounded_log_loss():
    """As scikit-learn, which takes no probability for less than the precision of a float64."""
    outputs, y = np.array([[0.0, 1000.0], [3.0, 0.0]]), np.array([0, 0])
    probabilities = [[0.0, 1.0], [1 / (1 + math.exp(-3)), 1 - 1 / (1 + math.exp(-3))]]
    assert value("log_loss", outputs, y) == pytest.approx(sklearn_metrics.log_loss(y, probabilities, labels=[0, 1]))


@pytest.mark.parametrize(
    ("name", "expected"), [("r2", sklearn_metrics.r2_score), ("rmse", sklearn_metrics.root_mean_squared_error)]
)
def test_metrics_of_numbers_are_scikit_learns_in_the_numbers_own_unit(name: str, expected):
    """A network gives standardized numbers; it is scored on those that it means."""
    y = RNG.normal(1e4, 300, 300).astype(np.float32)
    outputs = ((y - 9e3) / 250 + RNG.normal(0, 0.5, 300)).astype(np.float32)[:, None]
    metric = metric_of(Kind.REGRESSION, name, deviation=float(y.std()))
    score = evaluate(
        Given(torch.from_numpy(outputs)), numbered(torch.from_numpy(y), scale=TargetScale(9e3, 250)), metric
    )
    predicted = outputs[:, 0].astype(np.float64) * 250 + 9e3
    assert metric.value(score) == pytest.approx(expected(y.astype(np.float64), predicted), rel=1e-9)


@pytest.mark.parametrize("name", ["perplexity", "accuracy"])
def test_tokens_are_scored_at_steps_with_data(name: str):
    """Every step with data counts alike, wherever its row ends; what stands behind the end counts for nothing."""
    lengths = RNG.integers(1, 6, 150)
    outputs, tokens = RNG.normal(0, 1, (150, 5, 7)), RNG.integers(0, 7, (150, 5))
    losses, right = [], []
    for row, length in enumerate(lengths):
        for step in range(length):
            scores, token = outputs[row, step], tokens[row, step]
            losses.append(math.log(np.exp(scores).sum()) - scores[token])
            right.append(scores.argmax() == token)
        outputs[row, length:], tokens[row, length:] = 1e9, NO_TOKEN
    rows = numbered(torch.from_numpy(tokens), lengths=torch.from_numpy(lengths))
    metric = metric_of(Kind.NEXT_TOKEN, name, outputs=60)
    expected = math.exp(np.mean(losses)) if name == "perplexity" else np.mean(right)
    assert metric.value(evaluate(Given(torch.from_numpy(outputs)), rows, metric)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("spoilt", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", METRICS[Kind.CLASSIFICATION])
def test_an_output_that_is_no_number_is_divergence(name: str, spoilt: float):
    """Whatever the metric makes of it, even in a row of the first batch."""
    outputs = torch.zeros(EVALUATION_BATCH + 2, 2)
    outputs[1, 0] = spoilt
    y = torch.arange(len(outputs)) % 2
    with pytest.raises(Diverged, match="output of the network is not finite"):
        evaluate(Given(outputs), numbered(y), metric_of(Kind.CLASSIFICATION, name))


def test_a_score_of_all_rows_is_not_the_mean_over_batches():
    """Batches are of unequal size, and rows are scored in order, each once."""
    y = torch.arange(2 * EVALUATION_BATCH + 3) % 2
    outputs = torch.eye(2)[torch.cat([y[: 2 * EVALUATION_BATCH], 1 - y[2 * EVALUATION_BATCH :]])]
    network = Given(outputs)
    score = evaluate(network, numbered(y), Metric("accuracy"))
    assert score == pytest.approx(1 - 3 / len(y), rel=1e-12)
    assert network.rows == list(range(len(y)))


def test_evaluation_hands_over_every_length():
    """A row's length comes with it, in the last, smaller batch too."""

    class Reader(nn.Module):
        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            assert torch.equal(x[:, 0], lengths)
            return torch.eye(2)[lengths % 2]

    lengths = torch.arange(1, EVALUATION_BATCH + 6)
    assert evaluate(Reader(), Labelled(lengths[:, None], lengths % 2, lengths), Metric("accuracy")) == 1


@pytest.mark.parametrize("training", [False, True])
def test_evaluation_changes_nothing(training: bool):
    """Dropout is off while scoring, and the mode afterwards is the one before."""
    network = nn.Sequential(Given(torch.tensor([[1.0, 0.0]] * 50)), nn.Dropout(0.9)).train(training)
    assert evaluate(network, numbered(torch.zeros(50, dtype=torch.int64)), Metric("accuracy")) == 1
    assert network.training == training


def test_outputs_of_little_precision_are_measured_in_much():
    """What a GPU gives under mixed precision is averaged as float64."""
    outputs = torch.from_numpy(SCORES).bfloat16()
    expected = sklearn_metrics.log_loss(CLASSES, torch.softmax(outputs.double(), 1).numpy())
    assert MEASURES["log_loss"].value(outputs, torch.from_numpy(CLASSES)) == pytest.approx(expected, rel=1e-12)
