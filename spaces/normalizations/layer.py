"""Layer normalization."""

from torch import nn

from spaces.normalizations import NORMALIZATIONS, Normalization
from spaces.shapes import Grid


@NORMALIZATIONS.register("layer")
class Layer(Normalization):
    """Zero mean and unit variance over the channels of each position. Ba et al. 2016."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Normalization.build`."""
        return nn.LayerNorm(grid.channels)
