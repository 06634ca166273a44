"""All positions side by side."""

from torch import Tensor, nn

from spaces.heads import HEADS, Head
from spaces.shapes import Grid


@HEADS.register("flatten")
class FlattenPositions(Head):
    """Every position keeps a place of its own, read by the linear layer itself."""

    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """See `Head.build`."""
        return SideBySide(), grid.as_vector().channels


class SideBySide(nn.Module):
    """Flattens all positions; those in the padding are zero."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, length * channels)`."""
        return x.flatten(1)
