"""The plain dense layer of a deep feedforward network."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Value
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("dense")
class Dense(Operation):
    """Every output depends on every input: `y = W x + b`, then the network's activation. Rosenblatt 1958."""

    family = "feedforward"
    ranks = (0,)
    is_linear = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """A linear layer `(batch, channels)` to the same shape."""
        return nn.Linear(grid.channels, grid.channels)
