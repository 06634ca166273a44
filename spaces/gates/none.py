"""No gate."""

from torch import Tensor, nn

from spaces.gates import GATES, Gate
from spaces.shapes import Grid


@GATES.register("none")
class NoGate(Gate):
    """What the operation found goes on as it is."""

    is_causal = True

    def build(self, grid: Grid) -> nn.Module:
        """See `Gate.build`."""
        return Ungated()


class Ungated(nn.Module):
    """`x`."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Returns its input."""
        return x
