"""The mean over positions."""

from torch import Tensor, nn

from spaces.heads import HEADS, Head
from spaces.shapes import Grid


@HEADS.register("mean")
class Mean(Head):
    """Global average pooling. Lin et al. 2014, section 3.2."""

    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """See `Head.build`."""
        return MeanOverPositions(), grid.channels


class MeanOverPositions(nn.Module):
    """Averages every position."""

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, channels)`."""
        return x.flatten(1, -2).mean(1)
