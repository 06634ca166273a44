"""Scores that fall with the distance."""

import torch
from torch import Tensor, nn

from spaces.positions import POSITIONS, RelativePosition
from spaces.positions.coordinates import distances
from spaces.shapes import Grid


@POSITIONS.register("linear_bias")
class LinearBias(RelativePosition):
    """A slope of each head times the distance is taken off the scores. ALiBi, Press et al. 2022, section 3.

    In both directions: `-slope |i - j|`. On images the distances along both axes are summed.
    """

    def build_attention(self, grid: Grid, heads: int, channels: int) -> nn.Module:
        """See `RelativePosition.build_attention`."""
        return DistanceBias(grid, heads)


class DistanceBias(nn.Module):
    """What is added to the scores; nothing is learned."""

    bias: Tensor

    def __init__(self, grid: Grid, heads: int) -> None:
        super().__init__()
        bias = -slopes(heads)[:, None, None] * distances(grid.positions).sum(0)
        self.register_buffer("bias", bias, persistent=False)  # (heads, length, length)

    def forward(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Leaves queries and keys `(batch, heads, length, channels)` alone and adds the bias."""
        return queries, keys, self.bias


def slopes(heads: int) -> Tensor:
    """The geometric sequence that starts at `2^(-8 / heads)` and has this ratio, `(heads,)`."""
    return 2.0 ** (-8 * torch.arange(1, heads + 1) / heads)
