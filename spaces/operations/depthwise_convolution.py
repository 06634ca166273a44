"""Depthwise-separable convolution over a sequence or an image."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from spaces.choices import Categorical, Value
from spaces.operations.filters import Filters
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("depthwise_convolution")
class DepthwiseConvolution(Operation):
    """One filter a channel, then a linear layer across channels: space and channels apart. Chollet 2017, section 3."""

    family = "convolution"
    ranks = (1, 2)
    choices = {"kernel_size": Categorical((3, 5)), "causal": Categorical((False, True))}
    is_linear = True
    is_causal_with = {"causal": True}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """A depthwise-separable convolution `(batch, *positions, channels)` to the same shape."""
        return SeparableFilters(grid, int(picks["kernel_size"]), causal=bool(picks["causal"]))


class SeparableFilters(nn.Module):
    """A filter for each channel, then a linear layer across channels.

    Nothing stands between the two: an activation there does harm (Chollet 2017, section 4.7).
    """

    def __init__(self, grid: Grid, kernel_size: int, *, causal: bool) -> None:
        super().__init__()
        self.depthwise = Filters(grid, kernel_size, causal=causal, depthwise=True)
        self.pointwise = nn.Linear(grid.channels, grid.channels)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return self.pointwise(self.depthwise(x))
