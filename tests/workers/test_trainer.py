import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from spaces import landmark
from workers.datasets import load_npz
from workers.recipe import Recipe
from workers.rows import Labelled, Rows
from workers.trainer import EVALUATION_BATCH, Diverged, TimedOut, Trainer, evaluate


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


@pytest.mark.parametrize("name", ["deep_fnn", "transformer", "lstm"])
@pytest.mark.parametrize(("tokens", "garbage"), [(False, np.nan), (False, 1e6), (True, 999)])
def test_garbage_in_the_padding_of_a_file_changes_nothing(tmp_path, name: str, tokens: bool, garbage: float):
    """Whatever a file holds behind the ends of its rows, curve, score and weights are the same."""
    rng = np.random.default_rng(0)
    lengths, y = rng.integers(1, 7, 80), np.arange(80) % 2
    data = rng.integers(0, 9, (80, 6)) if tokens else rng.normal(3, 2, (80, 6, 2))
    trained = []
    for number, padding in enumerate((0, garbage)):
        x = data.copy()
        x[np.arange(6) >= lengths[:, None]] = padding
        path = tmp_path / f"{number}.npz"
        halves = {"x_test": x[60:], "y_test": y[60:], "length_train": lengths[:60], "length_test": lengths[60:]}
        np.savez(path, x_train=x[:60], y_train=y[:60], **halves)
        dataset = load_npz(path)
        trainer = make_trainer(dataset, horizon=6, name=name)
        curve, test = trainer.run(6), Rows.of(dataset, 0).test
        trained.append((curve, evaluate(trainer.network, test), [w.tolist() for w in trainer.network.parameters()]))
    assert trained[0] == trained[1]


class Reader(nn.Module):
    """Classifies by one number and keeps the lengths it was called with; the number is each row's own length."""

    def __init__(self) -> None:
        super().__init__()
        self.classify = nn.Linear(1, 2)
        self.lengths: list[int] = []

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Maps `(batch, 1, 1)` to class scores, and checks that rows and lengths belong together."""
        assert torch.equal(x[:, 0, 0], lengths.to(x.dtype))
        self.lengths += lengths.tolist()
        return self.classify(x[:, 0])


def numbered(rows: int) -> Labelled:
    lengths = torch.arange(1, rows + 1)
    return Labelled(lengths.to(torch.float32)[:, None, None], torch.arange(rows) % 2, lengths)


def test_lengths_reach_the_network_with_their_rows():
    """An epoch of training hands over each length once, in the shuffled order of the rows."""
    network = Reader()
    trainer = Trainer(network, Recipe(batch_size=5), numbered(20), numbered(4), horizon=4, seed=0)
    trainer.run(4)
    epoch, scored = network.lengths[:20], network.lengths[20:]
    assert sorted(epoch) == list(range(1, 21))
    assert epoch != sorted(epoch)
    assert scored == [1, 2, 3, 4]


def test_evaluation_hands_over_every_length():
    """Rows are scored in batches, the last of them smaller, and in order."""
    network, rows = Reader(), 2 * EVALUATION_BATCH + 3
    evaluate(network, numbered(rows))
    assert network.lengths == list(range(1, rows + 1))
