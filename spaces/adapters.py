"""Adapters: let an operation stand at a site whose grid it does not read."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from spaces.shapes import Grid


def adapted(grid: Grid, ranks: tuple[int, ...], build: Callable[[Grid], nn.Module]) -> nn.Module:
    """The operation built for `grid` if it reads such grids, otherwise for another one and adapted.

    Args:
        grid: where the operation stands.
        ranks: ranks it reads.
        build: builds it for a grid of such a rank.
    """
    if grid.rank in ranks:
        return build(grid)
    if 1 in ranks:
        return Reshaped(grid.as_sequence(), build(grid.as_sequence()))
    if 0 in ranks:
        return AsVector(grid, build(Grid((), grid.channels)))
    one_row = Grid((1, grid.length), grid.channels)
    return Reshaped(one_row, build(one_row))


class Reshaped(nn.Module):
    """Lets an operation see the positions in another arrangement.

    For an operation on sequences an image is scanned row by row and a vector is one position; for an operation on
    images alone, anything else is an image of one row.
    """

    def __init__(self, seen: Grid, inner: nn.Module) -> None:
        super().__init__()
        self.positions = seen.positions
        self.inner = inner

    def forward(self, x: Tensor, *mask: Tensor | None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape; the mask is arranged likewise."""
        arranged = [None if m is None else m.reshape(-1, *self.positions) for m in mask]
        return self.inner(x.reshape(-1, *self.positions, x.shape[-1]), *arranged).reshape(x.shape)


class AsVector(nn.Module):
    """Lets an operation on vectors work on any grid.

    All positions together are projected to one vector of `channels` numbers and back: the operation sees everything,
    at a cost that grows with the number of positions and not with its square.
    """

    def __init__(self, grid: Grid, inner: nn.Module) -> None:
        super().__init__()
        whole = grid.as_vector().channels
        self.gather = nn.Linear(whole, grid.channels)
        self.inner = inner
        self.spread = nn.Linear(grid.channels, whole)

    def forward(self, x: Tensor, *mask: Tensor | None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape; a vector has no mask."""
        return self.spread(self.inner(self.gather(x.flatten(1)), *(None for _ in mask))).view(x.shape)
