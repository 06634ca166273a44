"""Connections: how a sub-layer's output meets what it read, one a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import nn

from spaces.registry import Registry
from spaces.shapes import Grid

CONNECTIONS: Registry[type[Connection]] = Registry("connection", "spaces.connections")


class Connection(ABC):
    """Wires the sub-layers of a stage along a stream: each reads from it and its result joins it.

    Attributes:
        normalizes_joined: whether a normalization placed after acts on the stream that was joined; otherwise on the
            sub-layer's result alone, where the stream keeps the earlier ones beside it.
    """

    normalizes_joined: ClassVar[bool] = True

    def build_read(self, grid: Grid, joined: int) -> nn.Module:
        """Builds a module from the stream, which `joined` sub-layers have joined, to `(batch, *positions, channels)`.

        What it gives is read by the next sub-layer, or leaves the stage. By default the stream itself.
        """
        return nn.Identity()

    @abstractmethod
    def build_join(self, grid: Grid) -> nn.Module:
        """Builds a module that maps the stream and a sub-layer's result `(batch, *positions, channels)` to the stream.

        The stream enters the stage as `(batch, *positions, channels)`.
        """
