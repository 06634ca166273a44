"""Context attention, the simplest attention mechanism there is."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

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
    ranks = (1,)

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Attention without parameters, `(batch, steps, channels)` to the same shape."""
        return ContextWeighting(grid.length)


class ContextWeighting(nn.Module):
    """The weighted sum of all other positions; a lone position has no others and stays as it is."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length
        self.register_buffer("own", torch.eye(length, dtype=torch.bool), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, steps, channels)` to the same shape."""
        if self.length == 1:
            return x
        products = x @ x.transpose(1, 2) / x.shape[-1] ** 0.5
        weights = products.masked_fill(self.own, -torch.inf).softmax(dim=-1)
        return weights @ x
