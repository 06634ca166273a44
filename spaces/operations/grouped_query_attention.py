"""Attention whose heads share keys and values."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Categorical, Value
from spaces.operations.attention import Attention, DotProduct, SelfAttention
from spaces.operations.operation import OPERATIONS
from spaces.shapes import Grid


@OPERATIONS.register("grouped_query_attention")
class GroupedQueryAttention(Attention):
    """Multi-head attention with one key and value for a group of heads. Ainslie et al. 2023, section 2.2.

    With a single group it is the multi-query attention of Shazeer 2019.
    """

    choices = {"heads": Categorical((4, 8)), "groups": Categorical((1, 2)), **Attention.choices}
    uses_relative_position = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, *positions, channels)` to the same shape."""
        heads = int(picks["heads"])
        attend = DotProduct(grid, heads, self.relative, causal=bool(picks.get("causal", False)))
        return SelfAttention(grid.channels, heads, int(picks["groups"]), attend)
