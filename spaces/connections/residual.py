"""The residual connection."""

from torch import Tensor, nn

from spaces.connections import CONNECTIONS, Connection
from spaces.shapes import Grid


@CONNECTIONS.register("residual")
class Residual(Connection):
    """The sub-layer adds to its input. He et al. 2015, equation 1."""

    def build_join(self, grid: Grid) -> nn.Module:
        """See `Connection.build_join`."""
        return Add()


class Add(nn.Module):
    """`x + f(x)`."""

    def forward(self, stream: Tensor, left: Tensor) -> Tensor:
        """Returns the sum."""
        return stream + left
