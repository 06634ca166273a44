"""Batch normalization."""

import torch
from torch import Tensor, nn

from spaces.masks import zeroed
from spaces.normalizations import NORMALIZATIONS, Normalization
from spaces.shapes import Grid


@NORMALIZATIONS.register("batch")
class Batch(Normalization):
    """Zero mean and unit variance of each channel over all rows and positions. Ioffe & Szegedy 2015, algorithm 1."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Normalization.build`."""
        return BatchNorm(grid)


class BatchNorm(nn.BatchNorm1d):
    """Batch normalization over all rows and their positions with data; what stands in the padding becomes zero."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid.channels)
        self.length = grid.length

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        if mask is None or not self.training:  # in evaluation each position by itself
            return zeroed(self._normalized(x.flatten(0, -2), self.length == 1).view(x.shape), mask)
        return torch.zeros_like(x).masked_scatter(mask[..., None], self._normalized(x[mask], True))

    def _normalized(self, x: Tensor, may_be_lone: bool) -> Tensor:
        """Maps `(positions, channels)` to the same shape.

        A lone position has no variance: it is normalized by the running statistics, which it leaves as they are.
        """
        if not may_be_lone or not self.training or len(x) > 1:
            return super().forward(x)
        assert self.running_mean is not None and self.running_var is not None
        return nn.functional.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)
