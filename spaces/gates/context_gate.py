"""The context gate, the simplest gate there is."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from spaces.gates import GATES, Gate
from spaces.masks import mean_over_positions
from spaces.shapes import Grid


@GATES.register("context_gate")
class ContextGate(Gate):
    """Each position is weighted by its product with the context, which is the mean over all positions.

    The idea of context attention as a gate: the context, mapped linearly as in the context gating of Miech et al. 2017,
    multiplies every position's vector, a sigmoid normalizes the products, and the normalized products weight those
    vectors: `y_i = 2 sigmoid(x_i . (W c + b) / sqrt(channels)) x_i`. Twice the sigmoid is 1 where the context says
    nothing, which keeps the scale. A vector is its own context.
    """

    def build(self, grid: Grid) -> nn.Module:
        """See `Gate.build`."""
        return ContextProduct(grid)


class ContextProduct(nn.Module):
    """`2 sigmoid(x . (W c + b) / sqrt(channels)) x` with `c` the mean over the positions with data."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.ones = (1,) * grid.rank
        self.context = nn.Linear(grid.channels, grid.channels)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        context = self.context(mean_over_positions(x, mask) if self.ones else x)
        context = context.view(-1, *self.ones, x.shape[-1])
        products = (x * context).sum(-1, keepdim=True) / math.sqrt(x.shape[-1])
        return 2 * torch.sigmoid(products) * x
