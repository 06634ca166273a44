"""He initialization."""

from torch import Tensor, nn

from spaces.initializations import INITIALIZATIONS, Initialization


@INITIALIZATIONS.register("he")
class He(Initialization):
    """Normal with variance `2 / fan_in`. He et al. 2015, equation 10."""

    def fill(self, weight: Tensor) -> None:
        """See `Initialization.fill`."""
        nn.init.kaiming_normal_(weight, nonlinearity="relu")
