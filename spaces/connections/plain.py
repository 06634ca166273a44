"""No short cut."""

from torch import Tensor, nn

from spaces.connections import CONNECTIONS, Connection
from spaces.shapes import Grid


@CONNECTIONS.register("plain")
class Plain(Connection):
    """What left the sub-layer is all that goes on."""

    def build(self, grid: Grid) -> nn.Module:
        """See `Connection.build`."""
        return Replace()


class Replace(nn.Module):
    """`f(x)`."""

    def forward(self, entered: Tensor, left: Tensor) -> Tensor:
        """Returns what left."""
        return left
