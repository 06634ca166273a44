"""The highway connection."""

import torch
from torch import Tensor, nn

from spaces.connections import CONNECTIONS, Connection
from spaces.shapes import Grid

CARRY_BIAS = -2.0
"""Where the gates' biases start: the stream is carried on at first. Srivastava et al. 2015, section 2.2."""


@CONNECTIONS.register("highway")
class Highway(Connection):
    """A learned gate decides how far the sub-layer replaces its input. Srivastava et al. 2015, equation 3."""

    def build_join(self, grid: Grid) -> nn.Module:
        """See `Connection.build_join`."""
        return Carry(grid.channels)


class Carry(nn.Module):
    """`T(x) f(x) + (1 - T(x)) x` with the transform gate `T(x) = sigmoid(W x + b)`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = nn.Linear(channels, channels, bias=False)
        # beside the linear layer, whose own bias the network's initialization would set to zero
        self.bias = nn.Parameter(torch.full((channels,), CARRY_BIAS))

    def forward(self, stream: Tensor, left: Tensor) -> Tensor:
        """Maps the stream and what left, `(batch, *positions, channels)`, to the same shape."""
        transform = torch.sigmoid(self.gate(stream) + self.bias)
        return stream + transform * (left - stream)
