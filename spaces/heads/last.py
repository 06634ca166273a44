"""The last position."""

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
    """Keeps the last position of the row-major order."""

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, channels)`."""
        return x.flatten(1, -2)[:, -1]
