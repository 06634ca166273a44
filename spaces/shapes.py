"""Grids: the shapes that operations map to themselves, and the task a network is built for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import prod


@dataclass(frozen=True)
class Grid:
    """A vector, a sequence or an image: positions and the channels each of them holds.

    A tensor on this grid has the shape `(batch, *positions, channels)`.

    Attributes:
        positions: extent of each axis; `()` is a vector, `(steps,)` a sequence, `(height, width)` an image.
        channels: numbers held by each position.
    """

    positions: tuple[int, ...]
    channels: int

    def __post_init__(self) -> None:
        assert len(self.positions) <= 2 and all(extent >= 1 for extent in self.positions) and self.channels >= 1, self

    @property
    def rank(self) -> int:
        """Number of position axes: 0 vector, 1 sequence, 2 image."""
        return len(self.positions)

    @property
    def length(self) -> int:
        """Number of positions; a vector has one."""
        return prod(self.positions)

    def with_channels(self, channels: int) -> Grid:
        """The same positions with another number of channels."""
        return Grid(self.positions, channels)

    def as_vector(self) -> Grid:
        """The grid of a tensor flattened to `(batch, length * channels)`."""
        return Grid((), self.length * self.channels)

    def as_sequence(self) -> Grid:
        """The grid of a tensor scanned row by row to `(batch, length, channels)`."""
        return Grid((self.length,), self.channels)


class Kind(StrEnum):
    """What is predicted of a row."""

    CLASSIFICATION = "classification"
    """Its class: the outputs are class scores (logits)."""
    REGRESSION = "regression"
    """Numbers: the outputs are these."""
    NEXT_TOKEN = "next_token"
    """At each step the token that follows: the outputs are scores of all tokens, and nothing looks ahead."""


@dataclass(frozen=True)
class Task:
    """What a network is built for.

    Attributes:
        grid: what it reads; tokens are a sequence of one channel.
        outputs: classes, numbers or tokens that it gives a row, or each step of one.
        vocabulary: how many different tokens there are; `None` where the data are numbers.
        kind: what is predicted.
    """

    grid: Grid
    outputs: int
    vocabulary: int | None = None
    kind: Kind = Kind.CLASSIFICATION

    def __post_init__(self) -> None:
        assert self.vocabulary is None or (self.grid.rank == 1 and self.grid.channels == 1), self
        assert self.kind is not Kind.NEXT_TOKEN or self.outputs == self.vocabulary, self

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Shape of one row: `(*positions, channels)` of numbers, `(steps,)` of tokens."""
        return self.grid.positions if self.vocabulary else (*self.grid.positions, self.grid.channels)
