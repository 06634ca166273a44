"""Embeddings of tokens and of numbers."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from spaces.choices import Value
from spaces.shapes import Grid
from spaces.stems import STEMS, Stem
from spaces.stems.patch import FeatureTokens

FREQUENCIES = 8
"""Waves that each number is read by."""

FREQUENCY_SCALE = 0.1
"""Standard deviation of the frequencies at first: waves much longer than numbers of variance one are wide."""


@STEMS.register("embedding")
class Embedding(Stem):
    """Tokens are looked up in a table and nothing more; numbers are read by waves and mapped linearly to the width.

    The waves of a number `x` are `sin(2 pi f x)` and `cos(2 pi f x)` with learned frequencies `f`: the periodic
    embedding "PL" of Gorishniy et al. 2022, section 3.3. Each feature of a vector becomes a position, with frequencies
    and a map of its own; a position of a sequence or an image has all its numbers read together, as the others do.
    """

    looks_up = True
    is_causal = True
    reads_signals = False  # a pixel or a sample is a number among neighbours and no token

    def build(self, grid: Grid, width: int, picks: Mapping[str, Value]) -> tuple[nn.Module, Grid]:
        """See `Stem.build`; the output has the data's positions, or one a feature."""
        waves = Waves(grid.channels)
        read = 2 * FREQUENCIES
        if grid.rank == 0:
            tokens = FeatureTokens(read * grid.channels, read, width)
            return nn.Sequential(waves, tokens), Grid((grid.channels,), width)
        return nn.Sequential(waves, nn.Linear(read * grid.channels, width)), grid.with_channels(width)


class Waves(nn.Module):
    """`sin(2 pi f x)` and `cos(2 pi f x)` of each number, with frequencies of its own."""

    def __init__(self, numbers: int) -> None:
        super().__init__()
        self.frequencies = nn.Parameter(FREQUENCY_SCALE * torch.randn(numbers, FREQUENCIES))

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(..., numbers)` to `(..., numbers * 2 * FREQUENCIES)`, number by number."""
        phases = 2 * math.pi * self.frequencies * x[..., None]
        return torch.cat([phases.sin(), phases.cos()], dim=-1).flatten(-2)
