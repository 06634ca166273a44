"""Scaled dot-product attention."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from spaces.choices import Value
from spaces.operations.attention import Attention, DotProduct, by_heads, side_by_side
from spaces.operations.operation import OPERATIONS
from spaces.shapes import Grid


@OPERATIONS.register("dot_product_attention")
class DotProductAttention(Attention):
    """A single attention whose weights are scaled products of queries and keys. Vaswani et al. 2017, section 3.2.1."""

    uses_relative_position = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, *positions, channels)` to the same shape."""
        attend = DotProduct(grid, 1, self.relative, causal=bool(picks.get("causal", False)))
        return SingleAttention(grid.channels, attend)


class SingleAttention(nn.Module):
    """Queries, keys and values from one linear layer each; with one head there is nothing to mix behind it."""

    def __init__(self, channels: int, attend: DotProduct) -> None:
        super().__init__()
        self.query = nn.Linear(channels, attend.size)
        self.key = nn.Linear(channels, attend.size)
        self.value = nn.Linear(channels, channels)
        self.attend = attend

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        queries, keys, values = (by_heads(layer(x), 1) for layer in (self.query, self.key, self.value))
        return side_by_side(self.attend(queries, keys, values, mask)).view(x.shape)
