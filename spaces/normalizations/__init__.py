"""Normalizations, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import nn

from spaces.registry import Registry
from spaces.shapes import Grid

NORMALIZATIONS: Registry[type[Normalization]] = Registry("normalization", "spaces.normalizations")


class Normalization(ABC):
    """Keeps activations in a range that trains well.

    In evaluation each position by itself, so that a network on tokens can predict the next; batch statistics are those
    of the training.
    """

    @abstractmethod
    def build(self, grid: Grid) -> nn.Module:
        """Builds a module called as `module(x, mask)` that maps `(batch, *positions, channels)` to the same shape.

        The mask of `spaces.masks` (or `None`) tells which positions hold data.
        """
