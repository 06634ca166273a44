"""Gates: what an operation found is weighted by what is there, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import nn

from spaces.registry import Registry
from spaces.shapes import Grid

GATES: Registry[type[Gate]] = Registry("gate", "spaces.gates")


class Gate(ABC):
    """Multiplies channels or positions by weights that depend on the input.

    Attributes:
        is_causal: whether the weights of a position depend on none that comes after it.
    """

    is_causal: ClassVar[bool] = False

    @abstractmethod
    def build(self, grid: Grid) -> nn.Module:
        """Builds a module on grids of any rank.

        Returns:
            A module called as `module(x, mask)` that maps `(batch, *positions, channels)` to the same shape. Padding
            holds zeros on the way in, and the mask of `spaces.masks` (or `None`) tells where it is.
        """
