"""Position codes: what tells a position where it is, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import nn

from spaces.registry import Registry
from spaces.shapes import Grid

POSITIONS: Registry[type[Position]] = Registry("position code", "spaces.positions")


class Position(ABC):
    """Marks every position of a grid."""

    @abstractmethod
    def build(self, grid: Grid) -> nn.Module:
        """Builds a module that maps `(batch, *positions, channels)` to the same shape."""
