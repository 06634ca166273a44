"""Orthogonal initialization."""

import torch
from torch import Tensor, nn

from spaces.initializations import INITIALIZATIONS, Initialization


@INITIALIZATIONS.register("orthogonal")
class Orthogonal(Initialization):
    """A random matrix with orthonormal rows or columns, whichever are fewer. Saxe et al. 2014.

    A filter is flattened to a row; a single weight is 1 or -1.
    """

    def fill(self, weight: Tensor) -> None:
        """See `Initialization.fill`."""
        drawn = torch.empty(weight.shape, dtype=weight.dtype, device=weight.device)  # `weight` may be a transposed view
        weight.copy_(nn.init.orthogonal_(drawn))
