"""Patches of neighbouring positions."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Categorical, Value
from spaces.shapes import Grid
from spaces.stems import STEMS, Stem


@STEMS.register("patch")
class Patch(Stem):
    """Patches that do not overlap are mapped linearly to one position each. Dosovitskiy et al. 2021, equation 1.

    The features of a vector are taken in groups, each group with a map of its own, since unlike the positions of an
    image they do not mean the same thing (as the tokenizer of Gorishniy et al. 2021 does feature by feature).
    """

    choices = {"size": Categorical((2, 4))}

    def stride(self, picks: Mapping[str, Value]) -> int:
        """See `Stem.stride`."""
        return int(picks["size"])

    def build(self, grid: Grid, width: int, picks: Mapping[str, Value]) -> tuple[nn.Module, Grid]:
        """See `Stem.build`; each axis of the output is the data's divided by the patch size, rounded up."""
        size = int(picks["size"])
        if grid.rank == 0:
            tokens = FeatureTokens(grid.channels, size, width)
            return tokens, Grid((tokens.groups,), width)
        positions = tuple(-(-extent // size) for extent in grid.positions)
        return Patches(grid, size, width), Grid(positions, width)


class Patches(nn.Module):
    """A convolution whose stride is its kernel, over an input padded with zeros to whole patches."""

    def __init__(self, grid: Grid, size: int, width: int) -> None:
        super().__init__()
        layer = nn.Conv1d if grid.rank == 1 else nn.Conv2d
        self.project = layer(grid.channels, width, size, stride=size)
        self.padding = [pad for extent in reversed(grid.positions) for pad in (0, -extent % size)]

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, *patches, width)`."""
        x = x.movedim(-1, 1)
        if any(self.padding):
            x = F.pad(x, self.padding)
        return self.project(x).movedim(1, -1)


class FeatureTokens(nn.Module):
    """Groups of a vector's features, each mapped to a position by weights of its own."""

    def __init__(self, features: int, size: int, width: int) -> None:
        super().__init__()
        self.groups = -(-features // size)
        self.padding = [0, self.groups * size - features]
        self.weight = nn.Parameter(torch.randn(self.groups, size, width) / size**0.5)
        self.bias = nn.Parameter(torch.zeros(self.groups, width))

    def matrices(self) -> Iterator[Tensor]:
        """The groups' weights as an initialization draws them, each `(out, in)`."""
        return iter(self.weight.transpose(1, 2))

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, features)` to `(batch, groups, width)`."""
        if any(self.padding):
            x = F.pad(x, self.padding)
        return torch.einsum("bgs,gsw->bgw", x.unflatten(-1, (self.groups, -1)), self.weight) + self.bias
