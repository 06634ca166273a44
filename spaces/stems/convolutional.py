"""Windows of neighbouring positions."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.choices import Categorical, Value
from spaces.shapes import Grid
from spaces.stems import STEMS, Stem


@STEMS.register("convolutional")
class Convolutional(Stem):
    """Overlapping windows are mapped linearly to one position each. LeCun et al. 1989, He et al. 2016.

    The features of a vector are read in such windows too, each with a map of its own, since unlike the positions of an
    image they do not mean the same thing: a locally connected layer.
    """

    choices = {"kernel_size": Categorical((3, 5)), "stride": Categorical((1, 2))}

    def stride(self, picks: Mapping[str, Value]) -> int:
        """See `Stem.stride`."""
        return int(picks["stride"])

    def build(self, grid: Grid, width: int, picks: Mapping[str, Value]) -> tuple[nn.Module, Grid]:
        """See `Stem.build`; each axis of the output is the data's divided by the stride, rounded up."""
        size, stride = int(picks["kernel_size"]), int(picks["stride"])
        if grid.rank == 0:
            windows = FeatureWindows(grid.channels, size, stride, width)
            return windows, Grid((len(windows.weight),), width)
        positions = tuple(-(-extent // stride) for extent in grid.positions)
        return Windows(grid, size, stride, width), Grid(positions, width)


class Windows(nn.Module):
    """A convolution centred on every `stride`-th position, with zeros beyond the edge."""

    def __init__(self, grid: Grid, size: int, stride: int, width: int) -> None:
        super().__init__()
        layer = nn.Conv1d if grid.rank == 1 else nn.Conv2d
        self.project = layer(grid.channels, width, size, stride=stride, padding=size // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, *windows, width)`."""
        return self.project(x.movedim(-1, 1)).movedim(1, -1)


class FeatureWindows(nn.Module):
    """Windows of a vector's features, each mapped to a position by weights of its own."""

    def __init__(self, features: int, size: int, stride: int, width: int) -> None:
        super().__init__()
        self.size = size
        self.stride = stride
        windows = -(-features // stride)
        self.weight = nn.Parameter(torch.randn(windows, size, width) / size**0.5)
        self.bias = nn.Parameter(torch.zeros(windows, width))

    def matrices(self) -> Iterator[Tensor]:
        """The windows' weights as an initialization draws them, each `(out, in)`."""
        return iter(self.weight.transpose(1, 2))

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, features)` to `(batch, windows, width)`."""
        reach = self.size // 2
        windows = F.pad(x, (reach, reach)).unfold(-1, self.size, self.stride)
        return torch.einsum("bws,wsc->bwc", windows, self.weight) + self.bias
