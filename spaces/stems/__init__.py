"""Stems: from the data's grid to the network's width, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import nn

from spaces.choices import Choice, Value
from spaces.registry import Registry
from spaces.shapes import Grid

STEMS: Registry[type[Stem]] = Registry("stem", "spaces.stems")


class Stem(ABC):
    """The first layer of a network.

    Attributes:
        choices: its sub-choices by name.
        keeps_positions: whether its output has positions; otherwise it is one vector.
        looks_up: whether it is the look-up of tokens itself. Before any other stem tokens are looked up first.
        reads_tokens: whether a space for tokens offers it; without, it would only repeat what another does.
        reads_signals: whether a space for images and series of numbers offers it.
        is_causal: whether it keeps the steps of a sequence and none sees a later one.
    """

    choices: ClassVar[Mapping[str, Choice]] = {}
    keeps_positions: ClassVar[bool] = True
    looks_up: ClassVar[bool] = False
    reads_tokens: ClassVar[bool] = True
    reads_signals: ClassVar[bool] = True
    is_causal: ClassVar[bool] = False

    def stride(self, picks: Mapping[str, Value]) -> int:
        """How many positions of the data, along each axis, become one."""
        return 1

    @abstractmethod
    def build(self, grid: Grid, width: int, picks: Mapping[str, Value]) -> tuple[nn.Module, Grid]:
        """Builds the stem for any grid of the data.

        Returns:
            A module that maps `(batch, *grid.positions, grid.channels)` to the grid returned with it, whose channels
            are `width`.
        """
