"""Context attention, the simplest attention mechanism there is."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Value
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("context_attention")
class ContextAttention(Operation):
    """Each position's vector is the context that weights all the others; nothing is learned.

    The context multiplies every other position's vector, the products are normalized by a softmax, and the normalized
    products weight those vectors: `y_i = sum_{j != i} softmax_j(x_i . x_j / sqrt(channels)) x_j`.
    """

    family = "attention"
    ranks = (1, 2)
    uses_mask = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Attention without parameters, `(batch, *positions, channels)` to the same shape."""
        return ContextWeighting(grid.length)


class ContextWeighting(nn.Module):
    """The weighted sum of all other positions with data; a lone position has no others and stays as it is."""

    own: Tensor

    def __init__(self, length: int) -> None:
        super().__init__()
        self.register_buffer("own", torch.eye(length, dtype=torch.bool), persistent=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        tokens = x.flatten(1, -2)[:, None]  # one head
        others = ~self.own if mask is None else ~self.own & mask.flatten(1)[:, None, None]
        seen = others | (self.own & ~others.any(-1, keepdim=True))  # who sees nobody else sees itself
        return F.scaled_dot_product_attention(tokens, tokens, tokens, attn_mask=seen).view(x.shape)
