"""Queries and keys turned by their positions."""

import torch
from torch import Tensor, nn

from spaces.positions import POSITIONS, RelativePosition
from spaces.positions.coordinates import coordinates
from spaces.shapes import Grid

BASE = 10_000.0
"""The slowest pair turns about so many times slower than the fastest."""


@POSITIONS.register("rotary")
class Rotary(RelativePosition):
    """Each two channels are turned by an angle in proportion to the position. Su et al. 2021, section 3.2.2.

    The product of a query and a key then depends on the difference of their positions alone. On images the first half
    of the pairs turns with the row, the others with the column; an odd last channel stays as it is.
    """

    def least_channels(self, grid: Grid) -> int:
        """A pair for each axis."""
        return 2 * grid.rank

    def build_attention(self, grid: Grid, heads: int, channels: int) -> nn.Module:
        """See `RelativePosition.build_attention`."""
        return Rotation(grid, channels)


class Rotation(nn.Module):
    """Turns the pairs `(0, 1)`, `(2, 3)`, ... of channels; pair `i` of `n` along an axis by `BASE^(-i / n)` a step."""

    cosines: Tensor
    sines: Tensor

    def __init__(self, grid: Grid, channels: int) -> None:
        super().__init__()
        pairs, places = channels // 2, coordinates(grid.positions)
        if grid.rank == 1:
            angles = turns(places[0], pairs)
        else:
            angles = torch.cat([turns(places[0], -(-pairs // 2)), turns(places[1], pairs // 2)], dim=-1)
        self.register_buffer("cosines", angles.cos(), persistent=False)  # (length, pairs)
        self.register_buffer("sines", angles.sin(), persistent=False)

    def forward(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor, None]:
        """Maps queries and keys `(batch, heads, length, channels)` to the same; nothing is added to the scores."""
        return turned(queries, self.cosines, self.sines), turned(keys, self.cosines, self.sines), None


def turns(places: Tensor, pairs: int) -> Tensor:
    """By how much so many pairs are turned at places `(length,)` along an axis, `(length, pairs)`."""
    return places[:, None] * BASE ** (-torch.arange(pairs) / max(pairs, 1))


def turned(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Channels `(batch, heads, length, channels)`, each pair turned by its angle; an odd last one stays."""
    paired = x.shape[-1] // 2 * 2
    first, second = x[..., 0:paired:2], x[..., 1:paired:2]
    pairs = [first * cosines - second * sines, first * sines + second * cosines]
    return torch.cat([torch.stack(pairs, dim=-1).flatten(-2), x[..., paired:]], dim=-1)
