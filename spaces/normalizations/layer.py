"""Layer normalization."""

from torch import Tensor, nn

from spaces.normalizations import NORMALIZATIONS, Normalization
from spaces.shapes import Grid


@NORMALIZATIONS.register("layer")
class Layer(Normalization):
    """Zero mean and unit variance over the channels of each position. Ba et al. 2016."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Normalization.build`."""
        return LayerNorm(grid.channels)


class LayerNorm(nn.LayerNorm):
    """torch's; each position by itself, so padding plays no part."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return super().forward(x)
