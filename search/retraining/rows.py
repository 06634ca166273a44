"""Rows of a retraining: nearly all development rows, or all there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spaces import InvalidInput
from spaces.shapes import Kind
from workers.datasets import Dataset
from workers.datasets.division import Division, divide
from workers.preprocessing import Preprocessing
from workers.rows import Rows

ALL_ROWS = -1
"""Stands for a division where nothing is held out."""
CURVE_ROWS = 500


@dataclass(frozen=True)
class TrainingRows:
    """A data set and its division for one last training.

    Attributes:
        dataset: its development rows are those that may be learned from.
        division: of them.
        number: of the division, or `ALL_ROWS`.
    """

    dataset: Dataset
    division: Division
    number: int

    @classmethod
    def of(cls, dataset: Dataset, number: int) -> TrainingRows:
        """Those of a final training's division: 19 of 20 development rows; of `ALL_ROWS` those of the sealed test too.

        Raises:
            InvalidInput: all rows are wanted of images that stay in their file.
        """
        if number != ALL_ROWS:
            return cls(dataset, divide(dataset.y, number).final, number)
        joined = _joined(dataset)
        rows = np.arange(len(joined.y))
        some = rows[:: -(-len(rows) // CURVE_ROWS)]  # the trainer scores as it goes; on trained rows it says nothing
        return cls(joined, Division(rows, some, some), number)

    def divided(self) -> Rows:
        """The rows as tensors."""
        return Rows.divided(self.dataset, self.division)

    def preprocessing(self) -> Preprocessing:
        """What is measured on the train rows."""
        return Preprocessing.measured(self.dataset, self.division.train)


def _joined(dataset: Dataset) -> Dataset:
    """A data set whose development rows are all rows but those of classes that no development row has."""
    if dataset.x.dtype == np.uint8:
        raise InvalidInput(
            "--all-data: these images stay in their file, where the sealed test is another part; expected it without"
        )
    kept = np.arange(len(dataset.y_test))
    if dataset.task.kind is Kind.CLASSIFICATION:
        kept = np.flatnonzero(dataset.y_test >= 0)

    def joined(development: Any, sealed: Any) -> NDArray[Any]:
        return np.concatenate([development, sealed[kept]])

    lengths = None if dataset.lengths is None else joined(dataset.lengths, dataset.lengths_test)
    return replace(dataset, x=joined(dataset.x, dataset.x_test), y=joined(dataset.y, dataset.y_test), lengths=lengths)
