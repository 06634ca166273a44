"""Heads: from a grid to the one vector that is read out, one a file."""

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
        """Builds a module called as `module(x, mask)` from `(batch, *positions, channels)` to `(batch, features)`.

        Padding holds zeros, and the mask of `spaces.masks` (or `None`) tells where it is.

        Returns:
            The module and `features`.
        """
