import math

import numpy as np
import pytest
import torch

from spaces import landmark
from workers.recipe import Recipe
from workers.rows import Rows
from workers.trainer import Diverged, TimedOut, Trainer, evaluate


def make_trainer(dataset, *, horizon=40, seed=3, recipe=None, name="transformer") -> Trainer:
    rows = Rows.of(dataset, 0)
    torch.manual_seed(seed)
    network = landmark(name).build(dataset.task)
    return Trainer(network, recipe or Recipe(batch_size=16), rows.train, rows.search, horizon, seed)


def test_the_same_seed_gives_the_same_curve(blobs):
    """Initialization, order and dropout follow from the seed."""
    assert make_trainer(blobs).run(40) == make_trainer(blobs).run(40)
    assert make_trainer(blobs).run(40) != make_trainer(blobs, seed=4).run(40)


@pytest.mark.parametrize("interruption", [1, 7, 13, 39])
def test_an_interrupted_run_is_the_same_run(blobs, interruption: int):
    """Resumed in the middle of an epoch in another trainer, every later curve point and weight is identical."""
    whole = make_trainer(blobs)
    curve = whole.run(40)
    first = make_trainer(blobs)
    first.run(interruption)
    state = first.state()
    torch.manual_seed(999)  # another process has another generator state
    second = make_trainer(blobs)
    second.restore(state)
    rest = second.run(40)
    after = [point for point in curve if point.step - whole.steps_per_epoch >= interruption]
    assert rest[len(rest) - len(after) :] == after
    for mine, theirs in zip(whole.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_training_learns(blobs):
    """Two classes two standard deviations apart in each of 16 pixels are told apart."""
    trainer = make_trainer(blobs, horizon=60, name="deep_fnn")
    curve = trainer.run(60)
    assert curve[-1].train_loss < curve[0].train_loss / 2
    assert curve[-1].search_score > 0.9


def test_the_learning_rate_warms_up_and_anneals_over_the_horizon(blobs):
    """Linear to its peak over 5 % of the horizon, then half a cosine to zero, whatever the segment."""
    trainer = make_trainer(blobs, horizon=100)
    rates = []
    for stop in range(1, 101):
        rates.append(trainer.optimizer.param_groups[0]["lr"])
        trainer.run(stop)
    peak = Recipe().learning_rate
    np.testing.assert_allclose(rates[:5], peak * np.arange(1, 6) / 5)
    np.testing.assert_allclose(rates[5:], [peak * 0.5 * (1 + math.cos(math.pi * i / 95)) for i in range(95)], rtol=1e-9)


def test_an_epoch_visits_no_row_twice(blobs):
    """The batches of an epoch are disjoint, and the next epoch has another order."""
    trainer = make_trainer(blobs)
    epochs = []
    for _ in range(2):
        rows = []
        for _ in range(trainer.steps_per_epoch):
            rows += trainer._batch().tolist()
            trainer.step += 1
        assert len(set(rows)) == len(rows)
        epochs.append(rows)
    assert epochs[0] != epochs[1]


def test_a_loss_that_is_not_finite_is_divergence(blobs):
    """Weights that overflow are told, with the step."""
    trainer = make_trainer(blobs, recipe=Recipe(learning_rate=1e30), name="deep_fnn")
    with pytest.raises(Diverged, match=r"was (nan|inf) at step \d+|class score is not finite"):
        trainer.run(40)


def test_the_time_limit_stops_training(blobs):
    """The message says how far it came."""
    with pytest.raises(TimedOut, match=r"still training after 0 s, at step \d+ of 40"):
        make_trainer(blobs).run(40, limit_seconds=0)


def test_evaluation_changes_nothing(blobs):
    """Dropout is off while scoring and on again afterwards; two evaluations agree."""
    trainer = make_trainer(blobs)
    trainer.network.train()
    assert evaluate(trainer.network, trainer.search) == evaluate(trainer.network, trainer.search)
    assert trainer.network.training
