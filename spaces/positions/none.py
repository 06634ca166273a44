"""No position code."""

from torch import nn

from spaces.positions import POSITIONS, Position
from spaces.shapes import Grid


@POSITIONS.register("none")
class NoPosition(Position):
    """Positions are told apart by what the operation makes of their order, or not at all."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Position.build`."""
        return nn.Identity()
