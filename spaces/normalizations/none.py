"""No normalization."""

from torch import nn

from spaces.normalizations import NORMALIZATIONS, Normalization
from spaces.shapes import Grid


@NORMALIZATIONS.register("none")
class NoNormalization(Normalization):
    """Activations stay as they are."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Normalization.build`."""
        return nn.Identity()
