"""Losses against literal formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from spaces.shapes import Kind
from workers.loss import loss_of
from workers.recipe import Recipe
from workers.rows import NO_TOKEN, Labelled
from workers.target_scale import TargetScale

RNG = np.random.default_rng(0)


def train(y: torch.Tensor, scale: TargetScale | None = None) -> Labelled:
    return Labelled(torch.zeros(len(y), 1), y, scale=scale)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_classes_have_a_cross_entropy_with_smoothed_labels(smoothing: float):
    """A tenth of each target is spread over all classes, where a recipe says so."""
    outputs, y = RNG.normal(0, 2, (6, 3)), np.array([0, 1, 2, 2, 1, 0])
    targets = (1 - smoothing) * np.eye(3)[y] + smoothing / 3
    log_probabilities = outputs - np.log(np.exp(outputs).sum(1, keepdims=True))
    loss = loss_of(Kind.CLASSIFICATION, train(torch.from_numpy(y)), Recipe(label_smoothing=smoothing))
    found = float(loss(torch.from_numpy(outputs), torch.from_numpy(y)))
    assert found == pytest.approx(-(targets * log_probabilities).sum(1).mean(), rel=1e-9)


def test_numbers_have_a_squared_error_in_deviations_of_the_train_rows():
    """Whatever their unit: the mean of the train rows, predicted of all of them, costs 1."""
    y = torch.tensor([1000.0, 3000.0, 5000.0, 7000.0])
    loss = loss_of(Kind.REGRESSION, train(y, TargetScale.fit(y)), Recipe(label_smoothing=0.1))
    assert float(loss(torch.zeros(4, 1), y)) == pytest.approx(1)
    assert float(loss(torch.ones(1, 1), torch.tensor([4000.0 + math.sqrt(5) * 1000]))) == pytest.approx(0, abs=1e-9)


def test_numbers_come_back_in_their_own_unit():
    """What a network gives is turned into what it means, also where all train rows have the same number."""
    y = torch.tensor([-2.0, 0.5, 9.0])
    scale = TargetScale.fit(y)
    assert (scale.mean, scale.deviation) == (pytest.approx(2.5), pytest.approx(np.std([-2.0, 0.5, 9.0])))
    torch.testing.assert_close(scale.restored(scale.standardized(y)[:, None]), y.double(), rtol=1e-6, atol=1e-6)
    assert TargetScale.fit(torch.full((4,), 7.0)) == TargetScale(7.0, 1.0)


def test_tokens_have_a_cross_entropy_at_each_step_with_data():
    """Steps behind a row's end neither cost anything nor dilute the mean."""
    outputs, y = torch.from_numpy(RNG.normal(0, 1, (3, 4, 5))), torch.from_numpy(RNG.integers(0, 5, (3, 4)))
    y[1, 2:] = NO_TOKEN
    logarithms = outputs.log_softmax(-1)
    costs = [-float(logarithms[row, step, y[row, step]]) for row in range(3) for step in range(4) if y[row, step] >= 0]
    loss = loss_of(Kind.NEXT_TOKEN, train(y), Recipe())
    assert len(costs) == 10
    assert float(loss(outputs, y)) == pytest.approx(np.mean(costs), rel=1e-9)
