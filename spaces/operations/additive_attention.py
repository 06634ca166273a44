"""Additive attention."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from spaces.choices import Value
from spaces.operations.attention import Attention, past
from spaces.operations.operation import OPERATIONS
from spaces.shapes import Grid


@OPERATIONS.register("additive_attention")
class AdditiveAttention(Attention):
    """A small perceptron scores each two positions: `v . tanh(W x_i + U x_j)`. Bahdanau et al. 2015, section 3.1."""

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Self-attention `(batch, *positions, channels)` to the same shape."""
        return Alignment(grid.channels, grid.length, causal=bool(picks.get("causal", False)))


class Alignment(nn.Module):
    """The softmax of the scores weights the values; as in the paper the perceptron has no biases.

    Its hidden layer is held for every two positions, so it has only a quarter of the channels.
    """

    visible: Tensor | None

    def __init__(self, channels: int, length: int, *, causal: bool) -> None:
        super().__init__()
        self.register_buffer("visible", past(length) if causal else None, persistent=False)
        hidden = -(-channels // 4)
        self.query = nn.Linear(channels, hidden, bias=False)
        self.key = nn.Linear(channels, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.value = nn.Linear(channels, channels)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        tokens = x.flatten(1, -2)
        pairs = self.query(tokens)[:, :, None] + self.key(tokens)[:, None]  # (batch, length, length, hidden)
        scores = self.score(pairs.tanh()).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask.flatten(1)[:, None], -torch.inf)
        if self.visible is not None:
            scores = scores.masked_fill(~self.visible, -torch.inf)
        return (scores.softmax(dim=-1) @ self.value(tokens)).view(x.shape)
