"""Convolution over a sequence or an image."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from spaces.choices import Categorical, Value
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("convolution")
class Convolution(Operation):
    """The same small filter at every position, zero-padded to keep the grid. LeCun et al. 1989."""

    family = "convolution"
    ranks = (1, 2)
    choices = {"kernel_size": Categorical((3, 5))}
    is_linear = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """A convolution `(batch, *positions, channels)` to the same shape."""
        return ChannelLastConvolution(grid.rank, grid.channels, int(picks["kernel_size"]))


class ChannelLastConvolution(nn.Module):
    """torch's convolution on `(batch, *positions, channels)`."""

    def __init__(self, rank: int, channels: int, kernel_size: int) -> None:
        super().__init__()
        layer = nn.Conv1d if rank == 1 else nn.Conv2d
        self.filter = layer(channels, channels, kernel_size, padding="same")

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return self.filter(x.movedim(-1, 1)).movedim(1, -1)
