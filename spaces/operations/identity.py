"""Identity: the control that mixes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from spaces.choices import Value
from spaces.operations.operation import OPERATIONS, Operation
from spaces.shapes import Grid


@OPERATIONS.register("identity")
class Identity(Operation):
    """What comes in goes out: what stem, channel mixers and head achieve without a token mixer.

    A family that does not beat it has gained nothing from its inductive bias on these data.
    """

    family = "control"
    ranks = (0, 1, 2)
    # linear, yet not declared so: the activation that would follow is a layer, and a control brings none of its own
    is_linear = False
    is_causal_with = {}
    is_identity = True

    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Returns `(batch, *positions, channels)` as it came."""
        return nn.Identity()
