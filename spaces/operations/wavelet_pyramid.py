"""The wavelet pyramid: learned at every dyadic scale of the discrete wavelet transform."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Categorical, Value
from spaces.operations.filters import Filters
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("wavelet_pyramid")
class WaveletPyramid(Operation):
    """Wavelet analysis along the positions, learned filters at each dyadic scale, and synthesis. Mallat 1989.

    Each level halves the extents; it ends early where they are all 1.
    """

    family = "wavelet"
    ranks = (1, 2)
    choices = {"wavelet": Categorical(("haar", "db2")), "levels": Categorical((2, 4))}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Levels, the finest outside, `(batch, *positions, channels)` to the same shape."""
        return pyramid(grid, LOW_PASS[str(picks["wavelet"])], int(picks["levels"]))


def pyramid(grid: Grid, low_pass: Sequence[float], levels: int) -> nn.Module:
    """So many levels on a grid, or as many as it has, and what is learned of the approximation they leave."""
    return Level(grid, low_pass, levels) if levels and grid.length > 1 else Approximation(grid)


class Level(nn.Module):
    """One octave: its details are changed and their size joins the approximation, which goes to the coarser levels.

    What lies at a scale is told by the size of the details there, but their synthesis filter has zero mean, so that no
    mean over positions would ever see it. The size varies slowly and belongs to the approximation, as in the scattering
    transform (Mallat 2012, section 2.1).
    """

    def __init__(self, grid: Grid, low_pass: Sequence[float], levels: int) -> None:
        super().__init__()
        self.low_pass = tuple(low_pass)
        self.positions = grid.positions
        self.axes = [axis for axis, extent in enumerate(grid.positions, start=1) if extent > 1]
        coarse = Grid(tuple(-(-extent // 2) for extent in grid.positions), grid.channels)
        self.bands = 2 ** len(self.axes) - 1
        self.scale = Scale(coarse, self.bands)
        self.coarser = pyramid(coarse, low_pass, levels - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        approximation, *details = split(evened(x, self.positions), self.axes, self.low_pass)
        changed, size = self.scale(torch.cat(details, dim=-1))
        parts = [self.coarser(approximation) + size, *changed.chunk(self.bands, dim=-1)]
        return cropped(join(parts, self.axes, self.low_pass), self.positions)


class Approximation(nn.Module):
    """What the levels leave, changed, with the size of what was found in it."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.scale = Scale(grid, bands=1)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        changed, size = self.scale(x)
        return changed + size


class Scale(nn.Module):
    """What is learned at one scale: small filters, which tell apart what lies within the octave, and their modulus."""

    def __init__(self, grid: Grid, bands: int) -> None:
        super().__init__()
        self.gather = nn.Linear(bands * grid.channels, grid.channels)
        self.filters = Filters(grid, kernel_size=3, causal=False, depthwise=True)
        self.change = nn.Linear(grid.channels, bands * grid.channels)
        self.size = nn.Linear(grid.channels, grid.channels)

    def forward(self, coefficients: Tensor) -> tuple[Tensor, Tensor]:
        """Maps `(batch, *positions, bands * channels)` to the same and to sizes `(batch, *positions, channels)`."""
        found = self.filters(self.gather(coefficients))
        return self.change(found), self.size(found.abs())


def evened(x: Tensor, positions: Sequence[int]) -> Tensor:
    """`x` `(batch, *positions, channels)` with a zero behind odd extents, which have no half."""
    behind = [extent % 2 if extent > 1 else 0 for extent in positions]
    return F.pad(x, (0, 0, *(amount for extra in reversed(behind) for amount in (0, extra))))


def cropped(x: Tensor, positions: Sequence[int]) -> Tensor:
    """The first positions of `x` `(batch, *longer, channels)`, so many along each axis."""
    for axis, extent in enumerate(positions, start=1):
        x = x.narrow(axis, 0, extent)
    return x


def split(x: Tensor, axes: Sequence[int], low_pass: Sequence[float]) -> list[Tensor]:
    """One level of analysis.

    Args:
        x: `(batch, *positions, channels)`, even along `axes`; read as if it began anew behind its end.
        axes: along which it is halved.
        low_pass: an orthonormal filter.

    Returns:
        All combinations of low and high pass along the axes, the approximation first.
    """
    parts = [x]
    for axis in axes:
        parts = [_filtered(part, axis, taps) for part in parts for taps in (low_pass, high_pass(low_pass))]
    return parts


def join(parts: Sequence[Tensor], axes: Sequence[int], low_pass: Sequence[float]) -> Tensor:
    """One level of synthesis, the inverse of `split`."""
    for axis in reversed(axes):
        pairs = zip(parts[::2], parts[1::2], strict=True)
        parts = [_spread(low, axis, low_pass) + _spread(high, axis, high_pass(low_pass)) for low, high in pairs]
    (whole,) = parts
    return whole


def high_pass(low_pass: Sequence[float]) -> list[float]:
    """The wavelet's filter `g_n = (-1)^n h_(N-1-n)`. Daubechies 1988, section 4."""
    return [(-1) ** n * tap for n, tap in enumerate(reversed(low_pass))]


def _filtered(x: Tensor, axis: int, taps: Sequence[float]) -> Tensor:
    """`y_k = sum_m taps_m x_(2k+m)`."""
    phases = [x.roll(-m, axis).unflatten(axis, (-1, 2)).select(axis + 1, 0) for m in range(len(taps))]
    return sum((tap * phase for tap, phase in zip(taps[1:], phases[1:], strict=True)), taps[0] * phases[0])


def _spread(y: Tensor, axis: int, taps: Sequence[float]) -> Tensor:
    """`x_(2k+m) = sum of taps_m y_k`, the transpose of `_filtered`."""
    spaced = torch.stack([y, torch.zeros_like(y)], dim=axis + 1).flatten(axis, axis + 1)
    shifted = [tap * spaced.roll(m, axis) for m, tap in enumerate(taps)]
    return sum(shifted[1:], shifted[0])


HAAR = (math.sqrt(1 / 2), math.sqrt(1 / 2))  # Haar 1910
DB2 = tuple((a + b * math.sqrt(3)) / (4 * math.sqrt(2)) for a, b in ((1, 1), (3, 1), (3, -1), (1, -1)))
"""Daubechies 1988, table 1, N = 2."""
LOW_PASS: dict[str, tuple[float, ...]] = {"haar": HAAR, "db2": DB2}
"""Orthonormal low-pass filters."""
