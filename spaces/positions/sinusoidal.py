"""Sines and cosines of each position."""

import torch
from torch import Tensor, nn

from spaces.positions import POSITIONS, Position
from spaces.shapes import Grid

BASE = 10_000.0
"""The slowest wave is about so many times longer than the fastest."""


@POSITIONS.register("sinusoidal")
class Sinusoidal(Position):
    """Waves of growing length are added, a sine and a cosine of each. Vaswani et al. 2017, section 3.5.

    On images half of the channels, the first, tell the row and the others the column, as in Carion et al. 2020 (DETR);
    a single channel tells the row alone.
    """

    def build(self, grid: Grid) -> nn.Module:
        """See `Position.build`."""
        return SinusoidalCode(grid)


class SinusoidalCode(nn.Module):
    """`x + p`; nothing is learned."""

    code: Tensor

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        if grid.rank == 1:
            code = waves(grid.positions[0], grid.channels)
        else:
            height, width = grid.positions
            rows, columns = waves(height, -(-grid.channels // 2)), waves(width, grid.channels // 2)
            code = torch.cat([rows[:, None].expand(-1, width, -1), columns.expand(height, -1, -1)], dim=-1)
        self.register_buffer("code", code, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return x + self.code


def waves(extent: int, channels: int) -> Tensor:
    """`sin(p / BASE^(2i / channels))` in channel `2i` and the cosine in `2i + 1`, `(extent, channels)`."""
    channel = torch.arange(channels)
    speeds = BASE ** (-2 * (channel // 2) / max(channels, 1))
    angles = torch.arange(extent)[:, None] * speeds
    return torch.where(channel % 2 == 0, angles.sin(), angles.cos())
