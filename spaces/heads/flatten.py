"""All positions side by side."""

from torch import nn

from spaces.heads import HEADS, Head
from spaces.shapes import Grid


@HEADS.register("flatten")
class FlattenPositions(Head):
    """Every position keeps a place of its own, as before the dense layers of LeNet. LeCun et al. 1998."""

    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """See `Head.build`."""
        return nn.Flatten(), grid.as_vector().channels
