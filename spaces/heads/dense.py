"""A dense layer on all positions."""

from torch import Tensor, nn
from torch.nn import functional as F

from spaces.heads import HEADS, Head
from spaces.shapes import Grid


@HEADS.register("dense")
class DenseOnPositions(Head):
    """All positions side by side through a dense layer, as behind the convolutions of LeNet-5. LeCun et al. 1998."""

    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """See `Head.build`."""
        return DenseReadout(grid), grid.channels


class DenseReadout(nn.Module):
    """`relu(W x + b)`, as wide as the network; each position has weights of its own, those in the padding read zero."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.hidden = nn.Linear(grid.as_vector().channels, grid.channels)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, channels)`."""
        return F.relu(self.hidden(x.flatten(1)))
