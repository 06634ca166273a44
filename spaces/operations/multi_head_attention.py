"""Multi-head self-attention."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Categorical, Value
from spaces.operations.attention import DotProduct, SelfAttention
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("multi_head_attention")
class MultiHeadAttention(Operation):
    """Several scaled dot-product attentions side by side. Vaswani et al. 2017, section 3.2.2."""

    family = "attention"
    ranks = (1, 2)
    choices = {"heads": Categorical((1, 2, 4, 8))}
    uses_mask = True
    uses_relative_position = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, *positions, channels)` to the same shape."""
        heads = int(picks["heads"])
        return SelfAttention(grid.channels, heads, heads, DotProduct(grid, heads, self.relative))
