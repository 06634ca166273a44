"""The maximum over positions."""

from torch import Tensor, nn

from spaces.heads import HEADS, Head
from spaces.masks import max_over_positions
from spaces.shapes import Grid


@HEADS.register("max")
class Max(Head):
    """The largest number of each channel: whether a feature is there, wherever it is. Collobert et al. 2011."""

    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """See `Head.build`."""
        return MaxOverPositions(), grid.channels


class MaxOverPositions(nn.Module):
    """The maximum over the positions with data."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, channels)`."""
        return max_over_positions(x, mask)
