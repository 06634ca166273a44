"""Glorot initialization."""

from torch import Tensor, nn

from spaces.initializations import INITIALIZATIONS, Initialization


@INITIALIZATIONS.register("glorot")
class Glorot(Initialization):
    """Uniform with variance `2 / (fan_in + fan_out)`. Glorot & Bengio 2010, equation 16."""

    def fill(self, weight: Tensor) -> None:
        """See `Initialization.fill`."""
        nn.init.xavier_uniform_(weight)
