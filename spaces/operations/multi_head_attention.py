"""Multi-head self-attention."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Categorical, Value
from spaces.operations.attention import Attention, DotProduct, SelfAttention
from spaces.operations.operation import OPERATIONS
from spaces.shapes import Grid


@OPERATIONS.register("multi_head_attention")
class MultiHeadAttention(Attention):
    """Several scaled dot-product attentions side by side. Vaswani et al. 2017, section 3.2.2."""

    choices = {"heads": Categorical((1, 2, 4, 8)), **Attention.choices}
    uses_relative_position = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, *positions, channels)` to the same shape."""
        heads = int(picks["heads"])
        attend = DotProduct(grid, heads, self.relative, causal=bool(picks.get("causal", False)))
        return SelfAttention(grid.channels, heads, heads, attend)
