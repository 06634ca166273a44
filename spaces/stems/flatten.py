"""The whole input as one vector."""

from collections.abc import Mapping

from torch import nn

from spaces.choices import Value
from spaces.shapes import Grid
from spaces.stems import STEMS, Stem


@STEMS.register("flatten")
class Flatten(Stem):
    """All positions and channels are flattened and mapped linearly to one vector, as a deep feedforward net reads."""

    keeps_positions = False

    def build(self, grid: Grid, width: int, picks: Mapping[str, Value]) -> tuple[nn.Module, Grid]:
        """See `Stem.build`; the output is `(batch, width)`."""
        return nn.Sequential(nn.Flatten(), nn.Linear(grid.as_vector().channels, width)), Grid((), width)
