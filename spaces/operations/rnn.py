"""The simple recurrent network."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Value
from spaces.operations.operation import OPERATIONS
from spaces.operations.recurrence import Recurrence, RecurrentLayer
from spaces.shapes import Grid


@OPERATIONS.register("rnn")
class Rnn(Recurrence):
    """The last state and the new input, mixed linearly and squashed by tanh. Elman 1990."""

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """An Elman network `(batch, steps, channels)` to the same shape."""
        return RecurrentLayer(nn.RNN, grid.channels, bool(picks["bidirectional"]))
