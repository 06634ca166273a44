"""What the attentions share: heads side by side, and the weighted sum over the positions that a query may see."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Categorical
from spaces.operations.operation import Operation
from spaces.positions import RelativePosition
from spaces.positions.coordinates import distances
from spaces.shapes import Grid


class Attention(Operation):
    """Positions read each other, as far as their contents match; causal ones only those before them and themselves."""

    family = "attention"
    ranks = (1, 2)
    choices = {"causal": Categorical((False, True))}
    uses_mask = True
    is_causal_with = {"causal": True}


def past(length: int) -> Tensor:
    """What a causal query sees, `(length, length)`: itself and what comes before, in row-major order.

    The mask of Vaswani et al. 2017, section 3.2.3.
    """
    return torch.ones(length, length, dtype=torch.bool).tril()


def near(positions: tuple[int, ...], window: int) -> Tensor:
    """What lies in the window around each position, `(length, length)`: at most `window // 2` away on each axis."""
    return (distances(positions) <= window // 2).all(0)


class SelfAttention(nn.Module):
    """Queries, keys and values from one linear layer each, attention by heads, and a linear layer that mixes these.

    Args:
        channels: of each position.
        heads: attentions side by side, each with queries of its own.
        groups: different keys and values; the first `heads / groups` heads share the first, and so on.
        attend: what weights and sums.
    """

    def __init__(self, channels: int, heads: int, groups: int, attend: DotProduct) -> None:
        super().__init__()
        self.heads = heads
        self.groups = groups
        size = head_size(channels, heads)
        self.query = nn.Linear(channels, heads * attend.size)
        self.key = nn.Linear(channels, groups * attend.size)
        self.value = nn.Linear(channels, groups * size)
        self.attend = attend
        self.output = nn.Linear(heads * size, channels)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        queries = by_heads(self.query(x), self.heads)
        keys, values = (self._shared(by_heads(layer(x), self.groups)) for layer in (self.key, self.value))
        attended = side_by_side(self.attend(queries, keys, values, mask))
        return self.output(attended).view(x.shape)

    def _shared(self, x: Tensor) -> Tensor:
        return x if self.groups == self.heads else x.repeat_interleave(self.heads // self.groups, dim=1)


class DotProduct(nn.Module):
    """`softmax(q . k / sqrt(size)) v` over the positions that a query sees. Vaswani et al. 2017, equation 1.

    Args:
        grid: the grid attended over.
        heads: attentions side by side.
        relative: position code that acts on the scores, if any.
        causal: whether a query sees itself and what comes before it alone.
        window: how far it sees, along each axis; `None` is as far as there are positions.

    Attributes:
        size: channels of a head's queries and keys.
    """

    visible: Tensor | None

    def __init__(
        self,
        grid: Grid,
        heads: int,
        relative: RelativePosition | None = None,
        *,
        causal: bool = False,
        window: int | None = None,
    ) -> None:
        super().__init__()
        least = 1 if relative is None else relative.least_channels(grid)
        self.size = max(least, head_size(grid.channels, heads))
        self.code = None if relative is None else relative.build_attention(grid, heads, self.size)
        visible = None if window is None else near(grid.positions, window)
        if causal:
            visible = past(grid.length) if visible is None else past(grid.length) & visible
        self.register_buffer("visible", visible, persistent=False)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """Maps queries, keys and values `(batch, heads, length, size)` and `(batch, *positions)` to such values."""
        bias = None
        if self.code is not None:
            queries, keys, bias = self.code(queries, keys)
        return F.scaled_dot_product_attention(queries, keys, values, attn_mask=_joined(bias, self._seen(mask)))

    def _seen(self, mask: Tensor | None) -> Tensor | None:
        """What each query sees, broadcast to `(batch, heads, length, length)`; never nothing."""
        if mask is None:
            return self.visible
        held = mask.flatten(1)[:, None, None, :]
        if self.visible is None:
            return held
        # a window inside the padding holds no data: queries there, whose results nobody reads, see the padding
        return self.visible & (held | ~held.transpose(2, 3))


def _joined(bias: Tensor | None, seen: Tensor | None) -> Tensor | None:
    if bias is None:
        return seen
    bias = bias[None]  # with a batch axis, which torch's fused kernels ask for
    return bias if seen is None else bias.masked_fill(~seen, -torch.inf)


def head_size(channels: int, heads: int) -> int:
    """Channels of one head, rounded up."""
    return -(-channels // heads)


def by_heads(x: Tensor, heads: int) -> Tensor:
    """`(batch, *positions, heads * size)` as `(batch, heads, length, size)`."""
    return x.flatten(1, -2).unflatten(-1, (heads, -1)).transpose(1, 2)


def side_by_side(x: Tensor) -> Tensor:
    """`(batch, heads, length, size)` as `(batch, length, heads * size)`."""
    return x.transpose(1, 2).flatten(2)
