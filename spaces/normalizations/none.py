"""No normalization."""

from torch import Tensor, nn

from spaces.normalizations import NORMALIZATIONS, Normalization
from spaces.shapes import Grid


@NORMALIZATIONS.register("none")
class NoNormalization(Normalization):
    """Activations stay as they are."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Normalization.build`."""
        return Unnormalized()


class Unnormalized(nn.Module):
    """`x`."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Returns its input."""
        return x
