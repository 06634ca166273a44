"""Connections: how a block's output meets its input, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import nn

from spaces.registry import Registry
from spaces.shapes import Grid

CONNECTIONS: Registry[type[Connection]] = Registry("connection", "spaces.connections")


class Connection(ABC):
    """Joins what entered a sub-layer with what left it."""

    @abstractmethod
    def build(self, grid: Grid) -> nn.Module:
        """Builds a module that maps `(entered, left)`, both `(batch, *positions, channels)`, to the same shape."""
