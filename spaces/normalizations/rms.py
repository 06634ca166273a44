"""Root-mean-square normalization."""

from torch import Tensor, nn

from spaces.normalizations import NORMALIZATIONS, Normalization
from spaces.shapes import Grid


@NORMALIZATIONS.register("rms")
class Rms(Normalization):
    """Unit mean square over the channels of each position. Zhang & Sennrich 2019, equation 4."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Normalization.build`."""
        return RmsNorm(grid.channels, eps=1e-5)  # torch's own default changes with the precision


class RmsNorm(nn.RMSNorm):
    """torch's; each position by itself, so padding plays no part."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return super().forward(x)
