"""Multi-head self-attention."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Categorical, Value
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("multi_head_attention")
class MultiHeadAttention(Operation):
    """Several scaled dot-product attentions side by side. Vaswani et al. 2017, section 3.2.2."""

    family = "attention"
    ranks = (1,)
    choices = {"heads": Categorical((1, 2, 4))}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, steps, channels)` to the same shape."""
        return SelfAttention(grid.channels, int(picks["heads"]))


class SelfAttention(nn.Module):
    """Queries, keys and values of all heads from one linear layer each; a width they do not divide is rounded up."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        inner = heads * -(-channels // heads)
        self.query = nn.Linear(channels, inner)
        self.key = nn.Linear(channels, inner)
        self.value = nn.Linear(channels, inner)
        self.output = nn.Linear(inner, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, steps, channels)` to the same shape."""
        q, k, v = (layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for layer in self._projections())
        attended = F.scaled_dot_product_attention(q, k, v)  # (batch, heads, steps, inner / heads)
        return self.output(attended.transpose(1, 2).flatten(2))

    def _projections(self) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
        return self.query, self.key, self.value
