"""Dilated convolution over a sequence or an image."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Categorical, Value
from spaces.operations.filters import Filters
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("dilated_convolution")
class DilatedConvolution(Operation):
    """A convolution whose filter skips positions and so sees further with as many weights.

    Yu & Koltun 2016, equation 2; causal as in WaveNet, van den Oord et al. 2016, section 2.1.
    """

    family = "convolution"
    ranks = (1, 2)
    choices = {
        "kernel_size": Categorical((3, 5)),
        "dilation": Categorical((2, 4)),
        "causal": Categorical((False, True)),
    }
    is_linear = True
    is_causal_with = {"causal": True}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """A dilated convolution `(batch, *positions, channels)` to the same shape."""
        kernel_size, dilation = int(picks["kernel_size"]), int(picks["dilation"])
        return Filters(grid, kernel_size, dilation=dilation, causal=bool(picks["causal"]))
