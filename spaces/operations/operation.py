"""The operation interface: a token mixer that maps a grid to the same grid."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import nn

from spaces.choices import Choice, Value
from spaces.registry import Registry
from spaces.shapes import Grid

OPERATIONS: Registry[type[Operation]] = Registry("operation", "spaces.operations")


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
    """

    family: ClassVar[str]
    ranks: ClassVar[tuple[int, ...]]
    choices: ClassVar[Mapping[str, Choice]] = {}
    is_linear: ClassVar[bool] = False

    @abstractmethod
    def build(self, grid: Grid, picks: Mapping[str, Value]) -> nn.Module:
        """Builds the mixer for a grid of an accepted rank.

        Args:
            grid: positions and channels, the same before and after.
            picks: a value for each of `choices`.

        Returns:
            A module that maps `(batch, *grid.positions, grid.channels)` to the same shape.
        """
