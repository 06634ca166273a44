import numpy as np
import pytest
import torch

from spaces.shapes import Kind
from workers.constant_answer import constant_score
from workers.datasets.dataset import from_arrays
from workers.metric import METRICS
from workers.metrics import MEASURES

ROWS = np.random.default_rng(1).standard_normal((100, 3, 1)).astype(np.float32)
CLASSES = np.repeat([0, 1, 2], [60, 30, 10])


def _classes(metric):
    return from_arrays("made", ROWS, CLASSES, metric=metric).scored_by(metric)


@pytest.mark.parametrize("metric", METRICS[Kind.CLASSIFICATION])
def test_of_classes_it_is_what_the_measure_gives_their_shares(metric):
    """Every row is answered with the shares of the classes among the development rows."""
    data = _classes(metric)
    y = torch.from_numpy(data.y)
    outputs = (y.bincount() / len(y)).log().expand(len(y), -1)
    assert constant_score(data) == pytest.approx(data.metric.score(MEASURES[metric].value(outputs, y)))


@pytest.mark.parametrize("metric", METRICS[Kind.REGRESSION])
def test_of_numbers_it_is_their_mean(metric):
    """The mean explains nothing of the variance."""
    y = np.random.default_rng(0).standard_normal(100)
    data = from_arrays("made", ROWS, y, task="regression").scored_by(metric)
    truth = torch.from_numpy(data.y).double()
    value = MEASURES[metric].value(truth.mean().expand(len(truth)), truth)
    assert constant_score(data) == pytest.approx(data.metric.score(value), abs=1e-6)


@pytest.mark.parametrize("metric", METRICS[Kind.NEXT_TOKEN])
def test_of_tokens_it_is_their_shares_at_steps_with_data(metric):
    """What stands behind the end of a row does not count."""
    rng = np.random.default_rng(0)
    x, lengths = 1 + rng.integers(3, size=(100, 9)), rng.integers(2, 10, size=100)
    x[np.arange(9) >= lengths[:, None]] = 0
    data = from_arrays("made", x, None, lengths=lengths, task="next_token").scored_by(metric)
    steps = np.arange(data.y.shape[1]) < data.lengths[:, None]
    y = torch.from_numpy(data.y[steps])
    shares = torch.bincount(y, minlength=data.task.outputs) / len(y)
    value = MEASURES[metric].value(shares.log().clamp(min=-1e9).expand(len(y), -1), y)
    assert constant_score(data) == pytest.approx(data.metric.score(value))


def test_the_sealed_test_is_not_looked_at():
    """Other labels in it change nothing."""
    x, sealed = ROWS, ROWS[:10] + 1
    first, second = (
        from_arrays("made", x, CLASSES, sealed, np.full(10, label)).scored_by("accuracy") for label in (0, 2)
    )
    assert constant_score(first) == constant_score(second) == pytest.approx(0.6)
