"""Position codes: what tells a position where it is, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

from torch import nn

from spaces.registry import Registry
from spaces.shapes import Grid

POSITIONS: Registry[type[Position]] = Registry("position code", "spaces.positions")


class Position(ABC):
    """Marks every position of a grid where the data enter."""

    @abstractmethod
    def build(self, grid: Grid) -> nn.Module:
        """Builds a module that maps `(batch, *positions, channels)` to the same shape."""


class RelativePosition(Position):
    """Tells attention how far apart two positions are; nothing is marked where the data enter."""

    @final
    def build(self, grid: Grid) -> nn.Module:
        """See `Position.build`."""
        return nn.Identity()

    def least_channels(self, grid: Grid) -> int:
        """Channels that a head's queries and keys need on a grid, so that the code can tell all its axes."""
        return 1

    @abstractmethod
    def build_attention(self, grid: Grid, heads: int, channels: int) -> nn.Module:
        """Builds what acts inside an attention over the positions of `grid`, taken in row-major order.

        Args:
            grid: the grid attended over, of rank 1 or 2.
            heads: attentions side by side.
            channels: of one head's queries and keys, any number.

        Returns:
            A module from queries and keys, both `(batch, heads, length, channels)`, to queries, keys and what is added
            to the scores, `(heads, length, length)` or `None`.
        """
