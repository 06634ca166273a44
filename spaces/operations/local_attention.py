"""Attention to neighbours."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Categorical, Value
from spaces.operations.attention import Attention, DotProduct, SelfAttention
from spaces.operations.operation import OPERATIONS
from spaces.shapes import Grid


@OPERATIONS.register("local_attention")
class LocalAttention(Attention):
    """Multi-head attention inside a sliding window. Beltagy et al. 2020 (Longformer), section 3.1.

    On images the window is a square, as in Ramachandran et al. 2019. All scores are computed and those outside the
    window left out: up to some 250 positions that takes less time than to gather the windows. A causal one sees what of
    the window comes before it.
    """

    choices = {"window": Categorical((3, 7)), "heads": Categorical((2, 4)), **Attention.choices}
    uses_relative_position = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, *positions, channels)` to the same shape."""
        heads = int(picks["heads"])
        causal, window = bool(picks.get("causal", False)), int(picks["window"])
        attend = DotProduct(grid, heads, self.relative, causal=causal, window=window)
        return SelfAttention(grid.channels, heads, heads, attend)
