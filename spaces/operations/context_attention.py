"""Context attention, the simplest attention mechanism there is."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Value
from spaces.operations.attention import Attention, past
from spaces.operations.operation import OPERATIONS
from spaces.shapes import Grid


@OPERATIONS.register("context_attention")
class ContextAttention(Attention):
    """Each position's vector is the context that weights all the others; nothing is learned.

    The context multiplies every other position's vector, the products are normalized by a softmax, and the normalized
    products weight those vectors: `y_i = sum_{j != i} softmax_j(x_i . x_j / sqrt(channels)) x_j`. A causal
    one weights those before it alone.
    """

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Attention without parameters, `(batch, *positions, channels)` to the same shape."""
        return ContextWeighting(grid.length, causal=bool(picks.get("causal", False)))


class ContextWeighting(nn.Module):
    """The weighted sum of all other positions with data; one that sees no others stays as it is."""

    own: Tensor
    others: Tensor

    def __init__(self, length: int, *, causal: bool) -> None:
        super().__init__()
        own = torch.eye(length, dtype=torch.bool)
        self.register_buffer("own", own, persistent=False)
        self.register_buffer("others", past(length) & ~own if causal else ~own, persistent=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        tokens = x.flatten(1, -2)[:, None]  # one head
        others = self.others if mask is None else self.others & mask.flatten(1)[:, None, None]
        seen = others | (self.own & ~others.any(-1, keepdim=True))  # who sees nobody else sees itself
        return F.scaled_dot_product_attention(tokens, tokens, tokens, attn_mask=seen).view(x.shape)
