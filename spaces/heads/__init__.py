"""Heads: from a grid to the vector that is classified, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import nn

from spaces.registry import Registry
from spaces.shapes import Grid

HEADS: Registry[type[Head]] = Registry("head", "spaces.heads")


class Head(ABC):
    """Gathers the positions into one vector."""

    @abstractmethod
    def build(self, grid: Grid) -> tuple[nn.Module, int]:
        """Builds a module from `(batch, *positions, channels)` to `(batch, features)`, returned with `features`."""
