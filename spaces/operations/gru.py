"""The gated recurrent unit."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Value
from spaces.operations.operation import OPERATIONS
from spaces.operations.recurrence import Recurrence, RecurrentLayer
from spaces.shapes import Grid


@OPERATIONS.register("gru")
class Gru(Recurrence):
    """A state that is partly kept and partly replaced, by learned gates. Cho et al. 2014, section 2.3.

    The reset gate acts behind the matrix on the state, as in torch and cuDNN, not in front of it.
    """

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """A GRU `(batch, steps, channels)` to the same shape."""
        return RecurrentLayer(nn.GRU, grid.channels, bool(picks["bidirectional"]))
