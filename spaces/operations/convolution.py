"""Convolution over a sequence or an image."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Categorical, Value
from spaces.operations.filters import Filters
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("convolution")
class Convolution(Operation):
    """The same small filter at every position, zero-padded to keep the grid. LeCun et al. 1989.

    Causal on an image it is the masked convolution of PixelCNN, mask B. van den Oord et al. 2016.
    """

    family = "convolution"
    ranks = (1, 2)
    choices = {"kernel_size": Categorical((3, 5)), "causal": Categorical((False, True))}
    is_linear = True
    is_causal_with = {"causal": True}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """A convolution `(batch, *positions, channels)` to the same shape."""
        return Filters(grid, int(picks["kernel_size"]), causal=bool(picks["causal"]))
