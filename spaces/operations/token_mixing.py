"""Token mixing: a perceptron across positions."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Categorical, Value
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("token_mixing")
class TokenMixing(Operation):
    """Two linear layers across all positions, the same for every channel. Tolstikhin et al. 2021, equation 1."""

    family = "feedforward"
    ranks = (1, 2)
    choices = {"hidden": Categorical((32, 64))}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """A perceptron across positions, `(batch, *positions, channels)` to the same shape."""
        return TokenPerceptron(grid.length, int(picks["hidden"]))


class TokenPerceptron(nn.Module):
    """Reads each channel as one vector of all positions in row-major order."""

    def __init__(self, length: int, hidden: int) -> None:
        super().__init__()
        self.widen = nn.Linear(length, hidden)
        self.narrow = nn.Linear(hidden, length)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        tokens = x.flatten(1, -2).transpose(1, 2)  # (batch, channels, length)
        return self.narrow(F.gelu(self.widen(tokens))).transpose(1, 2).reshape(x.shape)
