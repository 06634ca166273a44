import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from spaces import Grid, Task, landmark
from spaces.shapes import Kind
from workers.datasets import load_npz
from workers.metric import metric_of
from workers.metrics import Diverged, evaluate
from workers.recipe import Recipe
from workers.rows import Labelled, Rows
from workers.trainer import CHECK_STEPS, CURVE_POINTS, TimedOut, Trainer


def make_trainer(dataset, *, horizon=40, seed=3, recipe=None, name="transformer") -> Trainer:
    rows = Rows.of(dataset, 0)
    torch.manual_seed(seed)
    network = landmark(name).build(dataset.task)
    return Trainer(network, recipe or Recipe(batch_size=16), rows, horizon, seed)


def test_the_same_seed_gives_the_same_curve(blobs):
    """Initialization, order and dropout follow from the seed."""
    first, again, other = make_trainer(blobs), make_trainer(blobs), make_trainer(blobs, seed=4)
    for trainer in (first, again, other):
        trainer.run(10)
    assert first.curve == again.curve
    assert first.curve != other.curve


def test_a_long_training_has_few_curve_points(blobs):
    """A point an epoch, but in a whole horizon no more than twenty, each after whole epochs, beside rungs and stops.

    The rungs of 240 steps are 27, 80 and 240; of 20 steps they are too short to be scored in passing.
    """
    trainer = make_trainer(blobs, horizon=240, name="deep_fnn")
    assert trainer.steps_per_epoch * CURVE_POINTS < 240
    trainer.run(37)
    assert [point.step for point in trainer.curve] == [12, 24, 27, 36, 37]
    short = make_trainer(blobs, horizon=20, name="deep_fnn", recipe=Recipe(batch_size=32))
    short.run(12)
    assert [point.step for point in short.curve] == [2, 4, 6, 8, 10, 12]


class Summing(nn.Module):
    """Gives zero for every row, of a weight whose gradient is therefore known."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, 1)` to equal scores of two classes, `(batch, 2)`."""
        return x * 0 + 0 * self.weight


def test_the_training_loss_of_a_point_is_the_mean_of_its_steps():
    """A network that says nothing has a loss of log 2 in every step."""
    part = Labelled(torch.ones(12, 1), torch.arange(12) % 2)
    trainer = Trainer(Summing(), Recipe(batch_size=4), rows_of(part, part), horizon=9, seed=0)
    trainer.run(7)
    np.testing.assert_allclose([point.train_loss for point in trainer.curve], math.log(2), rtol=1e-6)


def test_training_learns(blobs):
    """Two classes two standard deviations apart in each of 16 pixels are told apart."""
    trainer = make_trainer(blobs, horizon=60, name="deep_fnn")
    trainer.run(60)
    assert trainer.curve[-1].train_loss < trainer.curve[0].train_loss / 2
    assert trainer.curve[-1].search_score > 0.9


def test_the_learning_rate_warms_up_and_anneals_over_the_horizon(blobs):
    """Linear to its peak over 5 % of the horizon, then half a cosine to zero, whatever the segment."""
    trainer = make_trainer(blobs, horizon=100)
    rates = []
    for stop in range(1, 101):
        trainer.run(stop)
        rates.append(trainer.optimizer.param_groups[0]["lr"])
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
    with pytest.raises(Diverged, match=r"was (nan|inf) at step \d+|output of the network is not finite"):
        trainer.run(40)


class Spoiled(nn.Module):
    """Classifies until a call, in which it gives what it was told to; it keeps count."""

    def __init__(self, call: int, spoil: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.classify, self.call, self.spoil, self.calls = nn.Linear(1, 2), call, spoil, 0

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, 1)` to class scores."""
        self.calls += 1
        return self.spoil(self.classify(x)) if self.calls == self.call else self.classify(x)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda scores: scores * math.nan, "training loss was nan"),
        (lambda scores: scores * math.inf, "training loss was nan"),
        (lambda scores: (scores - scores).sqrt() + scores, "training loss was nan"),  # its gradient is not finite
    ],
)
def test_divergence_ends_long_before_the_epoch_does(spoil, message: str):
    """A single loss or gradient that is not finite stops the training within a few dozen steps, and says which."""
    part = Labelled(torch.randn(1000, 1), torch.arange(1000) % 2)
    network = Spoiled(call=3, spoil=spoil)
    trainer = Trainer(network, Recipe(batch_size=1), rows_of(part, part), horizon=1000, seed=0)
    with pytest.raises(Diverged, match=message):
        trainer.run(1000)
    assert network.calls <= 3 + CHECK_STEPS


def test_a_loss_that_is_only_large_is_not_divergence():
    """Even where its gradient is so large that its norm overflows: it is clipped to nothing, and training goes on."""
    part = Labelled(torch.randn(60, 1), torch.arange(60) % 2)
    network = Spoiled(call=3, spoil=lambda scores: scores * 1e25)
    recipe = Recipe(batch_size=30)  # some of so many rows are taken for the wrong class, whatever the weights
    trainer = Trainer(network, recipe, rows_of(part, part), horizon=60, seed=0)
    trainer.run(60)
    assert max(point.train_loss for point in trainer.curve) > 1e20
    assert all(weight.isfinite().all() for weight in network.parameters())


def test_the_time_limit_stops_training(blobs):
    """The message says how far it came."""
    with pytest.raises(TimedOut, match=r"still training after 0 s, at step \d+ of 40"):
        make_trainer(blobs).run(40, limit_seconds=0)


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
        trainer.run(6)
        test_score = evaluate(trainer.network, Rows.of(dataset, 0).test, dataset.metric)
        trained.append((trainer.curve, test_score, [w.tolist() for w in trainer.network.parameters()]))
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


def rows_of(train: Labelled, search: Labelled) -> Rows:
    """Rows of two classes, whose other parts nobody reads."""
    return Rows(Task(Grid((), 1), 2), metric_of(Kind.CLASSIFICATION), train, search, search, search)


def numbered(rows: int) -> Labelled:
    lengths = torch.arange(1, rows + 1)
    return Labelled(lengths.to(torch.float32)[:, None, None], torch.arange(rows) % 2, lengths)


def test_lengths_reach_the_network_with_their_rows():
    """An epoch of training hands over each length once, in the shuffled order of the rows."""
    network = Reader()
    trainer = Trainer(network, Recipe(batch_size=5), rows_of(numbered(20), numbered(4)), horizon=4, seed=0)
    trainer.run(4)
    epoch, scored = network.lengths[:20], network.lengths[20:]
    assert sorted(epoch) == list(range(1, 21))
    assert epoch != sorted(epoch)
    assert scored == [1, 2, 3, 4]
