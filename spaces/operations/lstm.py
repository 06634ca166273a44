"""Long short-term memory."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from spaces.choices import Categorical, Value
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("lstm")
class Lstm(Operation):
    """A gated state carried from position to position. Hochreiter & Schmidhuber 1997."""

    family = "recurrence"
    ranks = (1,)
    choices = {"bidirectional": Categorical((False, True))}

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """An LSTM `(batch, steps, channels)` to the same shape."""
        return LstmLayer(grid.channels, bool(picks["bidirectional"]))


class LstmLayer(nn.Module):
    """torch's LSTM; two directions share the channels between them and are mixed by a linear layer."""

    def __init__(self, channels: int, bidirectional: bool) -> None:
        super().__init__()
        hidden = -(-channels // 2) if bidirectional else channels
        self.recurrence = nn.LSTM(channels, hidden, batch_first=True, bidirectional=bidirectional)
        self.mix = nn.Linear(2 * hidden, channels) if bidirectional else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, steps, channels)` to the same shape."""
        return self.mix(self.recurrence(x)[0])
