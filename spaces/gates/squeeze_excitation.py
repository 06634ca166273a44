"""Squeeze and excitation."""

import torch
from torch import Tensor, nn

from spaces.gates import GATES, Gate
from spaces.masks import mean_over_positions
from spaces.shapes import Grid

REDUCTION = 4
"""Channels over hidden units, rounded up; the paper's 16 leaves nothing of the narrow networks searched here."""


@GATES.register("squeeze_excitation")
class SqueezeExcitation(Gate):
    """Each channel is weighted by what the means of all channels say. Hu et al. 2018, equations 2 to 4."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Gate.build`; a vector is its own mean."""
        return Excitation(grid)


class Excitation(nn.Module):
    """`x sigmoid(W2 relu(W1 z))` with `z` the mean over the positions with data."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.ones = (1,) * grid.rank
        self.squeeze = nn.Linear(grid.channels, -(-grid.channels // REDUCTION))
        self.excite = nn.Linear(self.squeeze.out_features, grid.channels)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        mean = mean_over_positions(x, mask) if self.ones else x
        weights = torch.sigmoid(self.excite(self.squeeze(mean).relu()))
        return x * weights.view(-1, *self.ones, x.shape[-1])
