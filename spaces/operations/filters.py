"""Filters: the same weights around every position of a sequence or an image, with zeros beyond its edge."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.shapes import Grid


class Filters(nn.Module):
    """As many filters as channels on `(batch, *positions, channels)`, zero-padded to keep the grid.

    Causal ones see nothing that comes later: on a sequence the whole window lies behind its position, on an image it is
    cut off behind the position in row-major order.

    Args:
        grid: a sequence or an image.
        kernel_size: positions of the window along each axis, odd.
        causal: whether a filter sees only its own position and those before it.
        dilation: distance between neighbours in the window.
        depthwise: whether each channel has one filter of its own, without a bias; else a filter reads all channels.
    """

    def __init__(
        self, grid: Grid, kernel_size: int, *, causal: bool, dilation: int = 1, depthwise: bool = False
    ) -> None:
        super().__init__()
        channels, groups = grid.channels, grid.channels if depthwise else 1
        reach = dilation * (kernel_size // 2)
        # zeros before and behind, the last axis first; on both sides alike the layer puts them there itself
        self.margins = None if not causal else (2 * reach, 0) if grid.rank == 1 else (reach, reach, reach, 0)
        if grid.rank == 2 and causal:
            self.filter: nn.Module = MaskedFilters(channels, kernel_size, dilation, groups, bias=not depthwise)
            return
        layer = nn.Conv1d if grid.rank == 1 else nn.Conv2d
        padding, bias = 0 if causal else reach, not depthwise
        self.filter = layer(
            channels, channels, kernel_size, padding=padding, dilation=dilation, groups=groups, bias=bias
        )

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        x = x.movedim(-1, 1)
        if self.margins is not None:
            x = F.pad(x, self.margins)
        return self.filter(x).movedim(1, -1)


class MaskedFilters(nn.Module):
    """Filters on images that see the rows above and their own row up to their centre.

    van den Oord et al. 2016 (Pixel recurrent neural networks), section 3.4, mask B. There the mask zeroes the weights
    behind the centre; in row-major order they are the last ones, so here they are left out and cost no parameters.
    """

    def __init__(self, channels: int, kernel_size: int, dilation: int, groups: int, *, bias: bool) -> None:
        super().__init__()
        self.rows, self.columns, self.dilation, self.groups = kernel_size // 2 + 1, kernel_size, dilation, groups
        seen = kernel_size**2 // 2 + 1
        self.weight = nn.Parameter(torch.empty(channels, channels // groups, seen))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None
        for matrix in self.matrices():
            nn.init.kaiming_uniform_(matrix, a=math.sqrt(5))  # as torch's convolutions start

    def matrices(self) -> Iterator[Tensor]:
        """The weights of each group of channels, shaped `(out, in, positions seen)`."""
        yield from self.weight.detach().split(len(self.weight) // self.groups)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, channels, height, width)` with its margins to the same without them."""
        behind = self.rows * self.columns - self.weight.shape[-1]
        kernel = F.pad(self.weight, (0, behind)).unflatten(-1, (self.rows, self.columns))
        return F.conv2d(x, kernel, bias=self.bias, dilation=self.dilation, groups=self.groups)
