"""The dense connection."""

import torch
from torch import Tensor, nn

from spaces.connections import CONNECTIONS, Connection
from spaces.shapes import Grid


@CONNECTIONS.register("dense")
class DenseConnection(Connection):
    """Every sub-layer reads all the earlier ones of its stage. Huang et al. 2017, equation 2.

    The stream is the concatenation of what entered and what each sub-layer left. A linear layer brings it to the
    network's width before the next one reads it, as the bottlenecks of DenseNet-B do.
    """

    normalizes_joined = False

    def build_read(self, grid: Grid, joined: int) -> nn.Module:
        """See `Connection.build_read`; the stream has `(joined + 1) * channels` channels."""
        return nn.Linear((joined + 1) * grid.channels, grid.channels)

    def build_join(self, grid: Grid) -> nn.Module:
        """See `Connection.build_join`."""
        return Concatenate()


class Concatenate(nn.Module):
    """`[x, f(x)]`."""

    def forward(self, stream: Tensor, left: Tensor) -> Tensor:
        """Maps `(batch, *positions, streaming)` and `(batch, *positions, channels)` to the sum of both channels."""
        return torch.cat([stream, left], dim=-1)
