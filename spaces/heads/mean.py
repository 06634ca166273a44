"""The mean over positions."""

from torch import Tensor, nn

from spaces.heads import HEADS, Head
from spaces.masks import mean_over_positions
from spaces.shapes import Grid


@HEADS.register("mean")
class Mean(Head):
    """Global average pooling. Lin et al. 2014, section 3.2."""

    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """See `Head.build`."""
        return MeanOverPositions(), grid.channels


class MeanOverPositions(nn.Module):
    """Averages the positions with data."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, channels)`."""
        return mean_over_positions(x, mask)
