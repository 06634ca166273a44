"""Each position by itself."""

from collections.abc import Mapping

from torch import nn

from spaces.choices import Value
from spaces.shapes import Grid
from spaces.stems import STEMS, Stem
from spaces.stems.patch import FeatureTokens


@STEMS.register("linear")
class Linear(Stem):
    """Each position's channels are mapped linearly to the width; each feature of a vector becomes a position."""

    reads_tokens = False  # a linear map of tokens that were looked up is a look-up
    is_causal = True

    def build(self, grid: Grid, width: int, picks: Mapping[str, Value]) -> tuple[nn.Module, Grid]:
        """See `Stem.build`; the output has the data's positions, or one a feature."""
        if grid.rank == 0:
            return FeatureTokens(grid.channels, 1, width), Grid((grid.channels,), width)
        return nn.Linear(grid.channels, width), grid.with_channels(width)
