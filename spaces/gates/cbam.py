"""The convolutional block attention module."""

import torch
from torch import Tensor, nn

from spaces.gates import GATES, Gate
from spaces.masks import max_over_positions, mean_over_positions
from spaces.shapes import Grid

REDUCTION = 4
"""Channels over hidden units, rounded up; the paper's 16 leaves nothing of the narrow networks searched here."""

KERNEL_SIZE = 7
"""Of the filter over positions, the paper's."""


@GATES.register("cbam")
class Cbam(Gate):
    """Channels are weighted by their means and maxima, then positions by theirs. Woo et al. 2018, equations 1 to 3."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Gate.build`; a vector, which has no positions, has its channels weighted alone."""
        channels = ChannelAttention(grid)
        return ChannelsThenPositions(channels, PositionAttention(grid)) if grid.rank else channels


class ChannelsThenPositions(nn.Module):
    """One attention after the other."""

    def __init__(self, channels: nn.Module, positions: nn.Module) -> None:
        super().__init__()
        self.channels = channels
        self.positions = positions

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return self.positions(self.channels(x, mask))


class ChannelAttention(nn.Module):
    """`x sigmoid(f(mean) + f(max))`, both over the positions with data, with one perceptron `f = W2 relu(W1 z)`."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.ones = (1,) * grid.rank
        self.narrow = nn.Linear(grid.channels, -(-grid.channels // REDUCTION))
        self.widen = nn.Linear(self.narrow.out_features, grid.channels)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        if not self.ones:
            return x * torch.sigmoid(2 * self._perceptron(x))
        found = self._perceptron(mean_over_positions(x, mask)) + self._perceptron(max_over_positions(x, mask))
        return x * torch.sigmoid(found).view(-1, *self.ones, x.shape[-1])

    def _perceptron(self, z: Tensor) -> Tensor:
        return self.widen(self.narrow(z).relu())


class PositionAttention(nn.Module):
    """`x sigmoid(g([mean, max]))`, both over the channels, with one filter `g`; the padding looks like the border."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        layer = nn.Conv1d if grid.rank == 1 else nn.Conv2d
        self.filter = layer(2, 1, KERNEL_SIZE, padding=KERNEL_SIZE // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        found = torch.stack([x.mean(-1), x.amax(-1)], dim=1)
        return x * torch.sigmoid(self.filter(found)).movedim(1, -1)
