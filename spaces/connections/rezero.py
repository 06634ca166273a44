"""The ReZero connection."""

import torch
from torch import Tensor, nn

from spaces.connections import CONNECTIONS, Connection
from spaces.shapes import Grid


@CONNECTIONS.register("rezero")
class ReZero(Connection):
    """The sub-layer adds to its input what it has learned to, at first nothing. Bachlechner et al. 2021."""

    def build_join(self, grid: Grid) -> nn.Module:
        """See `Connection.build_join`."""
        return AddScaled()


class AddScaled(nn.Module):
    """`x + alpha f(x)` with one number `alpha`, which starts at zero."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(1))

    def forward(self, stream: Tensor, left: Tensor) -> Tensor:
        """Maps the stream and what left, `(batch, *positions, channels)`, to the same shape."""
        return stream + self.alpha * left
