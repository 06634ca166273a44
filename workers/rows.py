"""Rows: a division of a data set as tensors, standardized and ready to train on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workers.datasets import Dataset
from workers.datasets.division import divide
from workers.datasets.part import Part
from workers.datasets.standardization import Standardization


@dataclass(frozen=True)
class Labelled:
    """Inputs and their class indices.

    Attributes:
        x: numbers `(rows, *positions, channels)` or tokens `(rows, steps)`.
        y: class indices `(rows,)`.
        lengths: steps of each row that hold data, `(rows,)`; `None` where all do.
    """

    x: Tensor
    y: Tensor
    lengths: Tensor | None = None

    def __len__(self) -> int:
        return len(self.y)

    def inputs(self, rows: Tensor | slice) -> tuple[Tensor, ...]:
        """What a network is called with for these rows: x, and lengths where there are any."""
        return (self.x[rows],) if self.lengths is None else (self.x[rows], self.lengths[rows])


@dataclass(frozen=True)
class Rows:
    """The rows of one division; standardization is fitted on the training rows alone, and tokens have none."""

    train: Labelled
    search: Labelled
    confirm: Labelled
    test: Labelled

    @classmethod
    def of(cls, dataset: Dataset, division: int) -> Rows:
        """The division of this number."""
        parts = divide(dataset.y, division)
        development = Part(dataset.x, dataset.y, dataset.lengths)
        sealed = Part(dataset.x_test, dataset.y_test, dataset.lengths_test)
        train, search, confirm = (development.take(rows) for rows in (parts.train, parts.search, parts.confirm))
        is_tokens = dataset.task.vocabulary is not None
        standardization = None if is_tokens else Standardization.fit(_numbers(train), train.lengths)
        return cls(*(_labelled(part, standardization) for part in (train, search, confirm, sealed)))


def _labelled(part: Part, standardization: Standardization | None) -> Labelled:
    x = part.x if standardization is None else standardization.apply(_numbers(part), part.lengths)
    return Labelled(_tensor(x), _tensor(part.y), None if part.lengths is None else _tensor(part.lengths))


def _numbers(part: Part) -> NDArray[np.float32]:
    return cast(NDArray[np.float32], part.x)


def _tensor(array: NDArray[np.generic]) -> Tensor:
    """The array as a tensor; one that lies read-only in the object store is copied, since torch takes none."""
    return torch.from_numpy(array if array.flags.writeable else array.copy())
