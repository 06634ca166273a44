"""Ensemble: the mean of probabilities or of numbers."""

import torch
from torch import nn

from spaces.export.ensemble import Ensemble
from spaces.shapes import Kind


class Given(nn.Module):
    """Gives the same outputs for all rows."""

    def __init__(self, *outputs: float) -> None:
        super().__init__()
        self.outputs = torch.tensor(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.outputs.expand(len(x), -1)


def test_probabilities_are_averaged():
    """Not the scores: a member with scores ten times as large counts no more."""
    members = [Given(0.0, 30.0), Given(3.0, 0.0), Given(3.0, 0.0)]
    (outputs,) = Ensemble(members, Kind.CLASSIFICATION)(torch.zeros(1, 2))
    expected = torch.stack([member.outputs.softmax(0) for member in members]).mean(0)
    torch.testing.assert_close(outputs.exp(), expected)
    assert outputs.argmax() == 0


def test_no_probability_is_too_small():
    """What a float cannot hold as a probability has a logarithm all the same."""
    (outputs,) = Ensemble([Given(0.0, 500.0), Given(0.0, 300.0)], Kind.CLASSIFICATION)(torch.zeros(1, 2))
    torch.testing.assert_close(outputs, torch.tensor([-300.0 - torch.tensor(2.0).log(), 0.0]))


def test_numbers_are_averaged():
    """As they are."""
    outputs = Ensemble([Given(1.0), Given(4.0)], Kind.REGRESSION)(torch.zeros(3, 2))
    torch.testing.assert_close(outputs, torch.full((3, 1), 2.5))
