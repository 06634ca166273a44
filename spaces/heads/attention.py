"""Pooling by attention."""

import torch
from torch import Tensor, nn

from spaces.heads import HEADS, Head
from spaces.shapes import Grid


@HEADS.register("attention")
class Attention(Head):
    """The mean over positions, weighted by how much each has to say. Yang et al. 2016, equations 5 to 7.

    Zhou et al. 2016 pool the states of a bidirectional LSTM so.
    """

    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """See `Head.build`."""
        return AttentionPooling(grid.channels), grid.channels


class AttentionPooling(nn.Module):
    """`sum_i a_i h_i` with `a = softmax(v . tanh(W h + b))` over the positions with data."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(channels, channels)
        self.score = nn.Linear(channels, 1, bias=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, channels)`."""
        x = x.flatten(1, -2)
        scores = self.score(torch.tanh(self.hidden(x)))
        if mask is not None:
            scores = scores.masked_fill(~mask.flatten(1)[..., None], -torch.inf)
        return (scores.softmax(1) * x).sum(1)
