"""Attention at a cost linear in the number of positions."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Categorical, Value
from spaces.operations.attention import Attention, by_heads, head_size, side_by_side
from spaces.operations.operation import OPERATIONS
from spaces.shapes import Grid

SMALLEST_TOTAL = 1e-6
"""What the weights of a query at least sum to before they are normalized; by less one cannot divide safely."""


@OPERATIONS.register("linear_attention")
class LinearAttention(Attention):
    """Weights that are products of positive features of queries and keys. Katharopoulos et al. 2020, section 3.2.

    A causal one sums up to each position, section 3.3. It computes all weights and leaves out those ahead: up to some
    250 positions that takes less memory than a sum for each position.
    """

    choices = {"heads": Categorical((2, 4)), **Attention.choices}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, *positions, channels)` to the same shape."""
        return KernelAttention(grid.channels, int(picks["heads"]), causal=bool(picks.get("causal", False)))


class KernelAttention(nn.Module):
    """`y_i = f(q_i) . sum_j f(k_j) v_j / f(q_i) . sum_j f(k_j)` with `f(x) = elu(x) + 1`, equations 5 and 7.

    Where the sums are the same for all queries, no two positions are ever paired; causal ones end at the query.
    """

    def __init__(self, channels: int, heads: int, *, causal: bool) -> None:
        super().__init__()
        self.heads = heads
        self.weigh = weighted_up_to_each if causal else weighted_all
        # at least two channels a head: of a single one the query's feature stands above and below
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
        summed, totals = self.weigh(queries, keys, values)
        return self.output(side_by_side(summed / totals.clamp_min(SMALLEST_TOTAL))).view(x.shape)


def weighted_all(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """The weighted sums of all values, `(batch, heads, length, size)`, and the weights', `(batch, heads, length, 1)`.

    Equation 5: keys and values meet first.
    """
    return queries @ (keys.transpose(2, 3) @ values), queries @ keys.sum(2, keepdim=True).transpose(2, 3)


def weighted_up_to_each(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """The same sums over no later positions, equation 8."""
    weights = (queries @ keys.transpose(2, 3)).tril()
    return weights @ values, weights.sum(-1, keepdim=True)
