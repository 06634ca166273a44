"""Long short-term memory."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Value
from spaces.operations.operation import OPERATIONS
from spaces.operations.recurrence import Recurrence, RecurrentLayer
from spaces.shapes import Grid


@OPERATIONS.register("lstm")
class Lstm(Recurrence):
    """A gated state carried from position to position. Hochreiter & Schmidhuber 1997."""

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """An LSTM `(batch, steps, channels)` to the same shape."""
        return RecurrentLayer(nn.LSTM, grid.channels, bool(picks["bidirectional"]))
