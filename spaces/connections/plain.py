"""No short cut."""

from torch import Tensor, nn

from spaces.connections import CONNECTIONS, Connection
from spaces.shapes import Grid


@CONNECTIONS.register("plain")
class Plain(Connection):
    """What left the sub-layer is all that goes on."""

    def build_join(self, grid: Grid) -> nn.Module:
        """See `Connection.build_join`."""
        return Replace()


class Replace(nn.Module):
    """`f(x)`."""

    def forward(self, stream: Tensor, left: Tensor) -> Tensor:
        """Returns what left."""
        return left
