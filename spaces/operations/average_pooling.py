"""Average pooling: the control that mixes neighbours without learning how."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Value
from spaces.masks import zeroed
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid

WINDOW = 3
"""Positions averaged along each axis."""


@OPERATIONS.register("average_pooling")
class AveragePooling(Operation):
    """The mean of each position and its neighbours, as the token mixer of Yu et al. 2022 (PoolFormer), section 3.2.

    Where it does as well as a family, that family's gain lies in any mixing at all. As with the identity no activation
    follows: a control brings no layer of its own.
    """

    family = "control"
    ranks = (1, 2)
    uses_mask = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Means over windows, `(batch, *positions, channels)` to the same shape."""
        return NeighbourMean(grid.rank)


class NeighbourMean(nn.Module):
    """The mean over the part of the window that lies on the grid and holds data."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        self.rank = rank

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        held = torch.ones_like(x[..., :1]) if mask is None else mask[..., None].to(x.dtype)
        # no window around data holds less than its own position; those in the padding must not divide by zero
        share = self._means(held).clamp(min=WINDOW**-self.rank)
        return self._means(zeroed(x, mask)) / share

    def _means(self, x: Tensor) -> Tensor:
        pool = F.avg_pool1d if self.rank == 1 else F.avg_pool2d
        return pool(x.movedim(-1, 1), WINDOW, stride=1, padding=WINDOW // 2).movedim(1, -1)
