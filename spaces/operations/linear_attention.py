"""Attention at a cost linear in the number of positions."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Categorical, Value
from spaces.operations.attention import by_heads, head_size, side_by_side
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid

SMALLEST_TOTAL = 1e-6
"""What the weights of a query at least sum to before they are normalized; by less one cannot divide safely."""


@OPERATIONS.register("linear_attention")
class LinearAttention(Operation):
    """Weights that are products of positive features of queries and keys. Katharopoulos et al. 2020, section 3.2."""

    family = "attention"
    ranks = (1, 2)
    choices = {"heads": Categorical((2, 4))}
    uses_mask = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, *positions, channels)` to the same shape."""
        return KernelAttention(grid.channels, int(picks["heads"]))


class KernelAttention(nn.Module):
    """`y_i = f(q_i) . sum_j f(k_j) v_j / f(q_i) . sum_j f(k_j)` with `f(x) = elu(x) + 1`, equations 5 and 7.

    The sums are the same for all queries, so no two positions are ever paired. A width that the heads do not divide is
    rounded up, and a head has at least two channels: of a single one the query's feature stands above and below.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        inner = heads * max(2, head_size(channels, heads))
        self.query = nn.Linear(channels, inner)
        self.key = nn.Linear(channels, inner)
        self.value = nn.Linear(channels, inner)
        self.output = nn.Linear(inner, channels)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        queries, keys, values = (by_heads(layer(x), self.heads) for layer in (self.query, self.key, self.value))
        queries, keys = F.elu(queries) + 1, F.elu(keys) + 1
        if mask is not None:
            keys = keys.masked_fill(~mask.flatten(1)[:, None, :, None], 0.0)
        summed = keys.transpose(2, 3) @ values  # (batch, heads, size, size)
        totals = queries @ keys.sum(2, keepdim=True).transpose(2, 3)  # (batch, heads, length, 1)
        attended = queries @ summed / totals.clamp_min(SMALLEST_TOTAL)
        return self.output(side_by_side(attended)).view(x.shape)
