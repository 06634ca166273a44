"""A learned vector for each position."""

import torch
from torch import Tensor, nn

from spaces.positions import POSITIONS, Position
from spaces.shapes import Grid


@POSITIONS.register("learned")
class Learned(Position):
    """A vector of its own is added to each position. Gehring et al. 2017, section 3.1."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Position.build`."""
        return LearnedCode(grid)


class LearnedCode(nn.Module):
    """`x + p`, with `p` drawn at the usual standard deviation .02 (Devlin et al. 2019)."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.code = nn.Parameter(0.02 * torch.randn(*grid.positions, grid.channels))

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return x + self.code
