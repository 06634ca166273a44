"""The last position."""

import torch
from torch import Tensor, nn

from spaces.heads import HEADS, Head
from spaces.shapes import Grid


@HEADS.register("last")
class Last(Head):
    """The last position alone, in which a recurrence has seen them all."""

    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """See `Head.build`."""
        return LastPosition(), grid.channels


class LastPosition(nn.Module):
    """Keeps the last position of the row-major order, or the last with data."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, channels)`."""
        x = x.flatten(1, -2)
        if mask is None:
            return x[:, -1]
        return x[torch.arange(x.shape[0], device=x.device), mask.sum(1) - 1]
