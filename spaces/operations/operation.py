"""The operation interface: a token mixer that maps a grid to the same grid."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import nn

from spaces.choices import Choice, Value
from spaces.positions import RelativePosition
from spaces.registry import Registry
from spaces.shapes import Grid

OPERATIONS: Registry[type[Operation]] = Registry("operation", "spaces.operations", entry_points="penchant.operations")


class Operation(ABC):
    """One inductive bias: how the positions of a grid exchange information.

    A subclass in a file of its own, registered under its field-standard name, is all it takes to add a bias:

        @OPERATIONS.register("gru")
        class Gru(Operation):
            family = "recurrence"
            ranks = (1,)
            choices = {"bidirectional": Categorical((False, True))}

            def build(self, grid, picks): ...

    Attributes:
        family: the inductive bias it belongs to; the verdict is about families.
        ranks: ranks of the grids it reads. On any other grid the network builder puts an adapter around it.
        choices: its sub-choices by name.
        is_linear: whether it is linear in its input, so that the builder lets the activation follow.
        uses_mask: whether its module is called as `module(x, mask)`, with the mask of `spaces.masks`; otherwise as
            `module(x)`. Padding holds zeros in either case, so what stands there never matters; with a mask an
            operation can also leave it out, as a mean or a softmax has to.
        uses_relative_position: whether a relative position code acts in it. Then `self.relative` is the network's, or
            `None` where it has none.
        is_causal_with: sub-choices with which a position sees nothing that comes after it, in row-major order; `None`
            where it always does.
        is_identity: whether what comes in goes out, so that blocks of it and nothing else are the same network.
    """

    family: ClassVar[str]
    ranks: ClassVar[tuple[int, ...]]
    choices: ClassVar[Mapping[str, Choice]] = {}
    is_linear: ClassVar[bool] = False
    uses_mask: ClassVar[bool] = False
    uses_relative_position: ClassVar[bool] = False
    is_causal_with: ClassVar[Mapping[str, Value] | None] = None
    is_identity: ClassVar[bool] = False

    def __init__(self, relative: RelativePosition | None = None) -> None:
        self.relative = relative

    @abstractmethod
    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Builds the mixer for a grid of an accepted rank.

        Args:
            grid: positions and channels, the same before and after.
            picks: a value for each of `choices`.

        Returns:
            A module that maps `(batch, *grid.positions, grid.channels)` to the same shape.
        """
