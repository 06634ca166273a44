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
        pairs = channels // 2
        shares = [pairs] if grid.rank == 1 else [-(-pairs // 2), pairs // 2]
        angles = torch.cat(
            [
                place[:, None] * BASE ** (-torch.arange(share) / max(share, 1))
                for place, share in zip(coordinates(grid), shares, strict=True)
            ],
            dim=-1,
        )
        self.register_buffer("cosines", angles.cos(), persistent=False)  # (length, pairs)
        self.register_buffer("sines", angles.sin(), persistent=False)

    def forward(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor, None]:
        """Maps queries and keys `(batch, heads, length, channels)` to the same; nothing is added to the scores."""
        return self._turned(queries), self._turned(keys), None

    def _turned(self, x: Tensor) -> Tensor:
        paired = x.shape[-1] // 2 * 2
        first, second = x[..., 0:paired:2], x[..., 1:paired:2]
        turned = [first * self.cosines - second * self.sines, first * self.sines + second * self.cosines]
        return torch.cat([torch.stack(turned, dim=-1).flatten(-2), x[..., paired:]], dim=-1)
