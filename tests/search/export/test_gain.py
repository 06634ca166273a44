"""Gain: of several networks over the first, on rows held out."""

import numpy as np
import pytest
import torch
from torch import nn

from search.export.gain import gain_of
from spaces.shapes import Grid, Kind, Task
from workers.metric import metric_of
from workers.rows import NO_TOKEN, Labelled
from workers.target_scale import TargetScale


class Shifted(nn.Module):
    """The first number of a row and a little more: wrong alone, right beside another that errs the other way."""

    def __init__(self, shift: float) -> None:
        super().__init__()
        self.shift = shift

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :1] + self.shift


class Scores(nn.Module):
    """The row as class scores, some of its columns turned around."""

    def __init__(self, sign: list[float]) -> None:
        super().__init__()
        self.sign = torch.tensor(sign)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.sign


def test_errors_that_cancel_are_a_gain():
    """Numbers: two members are off by one each, on either side; their mean is right, and less RMSE is a gain."""
    y = torch.from_numpy(np.random.default_rng(0).normal(size=40).astype(np.float32))
    metric = metric_of(Kind.REGRESSION, "rmse", deviation=4.0)
    task = Task(Grid((), 1), 1, kind=Kind.REGRESSION)
    gain = gain_of(
        {"a": Shifted(1.0), "b": Shifted(-1.0)}, Labelled(y[:, None], y, scale=TargetScale(0.0, 1.0)), task, metric
    )
    assert gain.members == pytest.approx({"a": 1.0, "b": 1.0}, rel=1e-5)
    assert gain.together == pytest.approx(0.0, abs=1e-5)
    assert gain.difference == pytest.approx(1.0, rel=1e-5)
    assert gain.interval == pytest.approx((1.0, 1.0), rel=1e-4)


def test_a_worse_member_is_a_loss():
    """Classes: the second contradicts the first, and louder; the interval lies below zero and the loss is told."""
    x, y = torch.eye(2).repeat(30, 1), torch.arange(60) % 2
    task = Task(Grid((), 2), 2)
    gain = gain_of(
        {"right": Scores([1.0, 1.0]), "wrong": Scores([-9.0, -9.0])}, Labelled(x, y), task, metric_of(task.kind)
    )
    assert (gain.members["right"], gain.together, gain.difference) == (1.0, 0.0, -1.0)
    assert gain.interval[1] < 0


def test_equal_answers_tell_nothing():
    """Where both answer alike the interval has no width, and a note says that this is no certainty."""
    x, y = torch.eye(2).repeat(5, 1), torch.arange(10) % 2
    task = Task(Grid((), 2), 2)
    gain = gain_of({"a": Scores([1.0, 1.0]), "b": Scores([2.0, 2.0])}, Labelled(x, y), task, metric_of(task.kind))
    assert (gain.difference, gain.interval) == (0.0, (0.0, 0.0))
    assert "10 rows" in gain.notes[0]


def test_the_tokens_of_a_row_stay_together():
    """Rows are drawn, not tokens: where only rows differ the interval is as wide as few rows make it."""
    generator = torch.Generator().manual_seed(0)
    y = torch.randint(2, (6, 50), generator=generator)
    y[0, 10:] = NO_TOKEN
    right = nn.functional.one_hot(y.clamp(min=0), 2).float() * 8

    class Half(nn.Module):
        """Right on some rows alone."""

        def __init__(self, rows: list[int]) -> None:
            super().__init__()
            self.rows = rows

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            is_right = torch.isin(torch.arange(len(x)), torch.tensor(self.rows))
            return torch.where(is_right[:, None, None], right, torch.zeros_like(right))

    task = Task(Grid((50,), 1), 2, vocabulary=2, kind=Kind.NEXT_TOKEN)
    members = {"three": Half([1, 2, 3]), "others": Half([0, 4, 5])}
    gain = gain_of(members, Labelled(torch.zeros(6, 50), y), task, metric_of(task.kind, "accuracy"))
    assert gain.together == 1.0
    assert gain.interval[1] - gain.interval[0] > 0.2
