"""Rows: a division of a data set as tensors, standardized and ready to train on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from spaces.shapes import Kind, Task
from workers.datasets import Dataset
from workers.datasets.division import Division, divide
from workers.datasets.lengths import data_mask
from workers.datasets.standardization import Standardization
from workers.metric import Metric
from workers.preprocessing import standardization_of
from workers.streamed import StreamedImages
from workers.target_scale import TargetScale

NO_TOKEN = -100
"""What stands in `Labelled.y` behind a row's end, where nothing is predicted; torch's losses pass over it."""


@dataclass(frozen=True)
class Labelled:
    """Inputs and what is to be predicted of them.

    Attributes:
        x: numbers `(rows, *positions, channels)` or tokens `(rows, steps)`.
        y: class indices `(rows,)`, numbers in their own unit `(rows,)`, or tokens `(rows, steps)`, `NO_TOKEN` behind a
            row's end. A class index of -1 is a class that no train row has.
        lengths: steps of each row that hold data, `(rows,)`; `None` where all do.
        scale: of predicted numbers: networks give standardized ones. `None` of anything else.
    """

    x: Tensor | StreamedImages
    y: Tensor
    lengths: Tensor | None = None
    scale: TargetScale | None = None

    def __len__(self) -> int:
        return len(self.y)

    def inputs(self, rows: Tensor | slice) -> tuple[Tensor, ...]:
        """What a network is called with for these rows: x, and lengths where there are any."""
        x = _taken(self.x, rows)
        return (x,) if self.lengths is None else (x, _taken(self.lengths, rows))

    def targets(self, rows: Tensor | slice) -> Tensor:
        """What is to be predicted of these rows."""
        return _taken(self.y, rows)

    def to(self, device: torch.device) -> Self:
        """The same rows there; streamed images stay where they are, and their batches go there."""
        x = replace(self.x, device=device) if isinstance(self.x, StreamedImages) else self.x.to(device)
        lengths = None if self.lengths is None else self.lengths.to(device)
        return replace(self, x=x, y=self.y.to(device), lengths=lengths)


@dataclass(frozen=True)
class Rows:
    """The rows of one division; standardization is fitted on the training rows alone, and tokens have none.

    Attributes:
        task: what is predicted of them.
        metric: what candidates are compared by on them.
        train, search, confirm, test: the parts, the last of them sealed.
    """

    task: Task
    metric: Metric
    train: Labelled
    search: Labelled
    confirm: Labelled
    test: Labelled

    @classmethod
    def of(cls, dataset: Dataset, number: int, is_final: bool = False) -> Rows:
        """The division of this number; of a final training, which learns from nearly all rows."""
        division = divide(dataset.y, number)
        return cls.divided(dataset, division.final if is_final else division)

    @classmethod
    def divided(cls, dataset: Dataset, division: Division) -> Rows:
        """The rows as a division has them."""
        y = [_tensor(each) for each in _divided(dataset.y, dataset.y_test, division)]
        lengths: Sequence[NDArray[np.int64] | None] = [None] * len(y)
        if dataset.lengths is not None and dataset.lengths_test is not None:
            lengths = _divided(dataset.lengths, dataset.lengths_test, division)
        scale = TargetScale.fit(y[0]) if dataset.task.kind is Kind.REGRESSION else None
        x = _inputs(dataset, division, lengths)
        labelled = (_labelled(*part, scale) for part in zip(x, y, lengths, strict=True))
        return cls(dataset.task, dataset.metric, *labelled)

    def to(self, device: torch.device) -> Rows:
        """The same rows there."""
        parts = (part.to(device) for part in (self.train, self.search, self.confirm, self.test))
        return Rows(self.task, self.metric, *parts)


def _taken(values: Tensor | StreamedImages, rows: Tensor | slice) -> Tensor:
    """These rows; of a small batch `index_select` takes half the time of an index in brackets."""
    if isinstance(rows, Tensor) and isinstance(values, Tensor):
        return values.index_select(0, rows)
    return values[rows]


def _divided(development: NDArray[Any], sealed: NDArray[Any], division: Division) -> list[NDArray[Any]]:
    """The train, search, confirm and test rows of an array."""
    return [development[division.train], development[division.search], development[division.confirm], sealed]


def _inputs(
    dataset: Dataset, division: Division, lengths: Sequence[NDArray[np.int64] | None]
) -> Sequence[Tensor | StreamedImages]:
    """Each part's x: streamed where it is stored as pixels, and otherwise standardized in memory, once."""
    standardization = standardization_of(dataset, division.train)
    if standardization is not None and dataset.x.dtype == np.uint8:
        pixels, sealed = cast(NDArray[np.uint8], dataset.x), cast(NDArray[np.uint8], dataset.x_test)
        return _streamed(pixels, sealed, division, standardization)
    x = _divided(dataset.x, dataset.x_test, division)
    if standardization is not None:
        x = [standardization.apply(*part) for part in zip(x, lengths, strict=True)]
    return [_tensor(each) for each in x]


def _streamed(
    pixels: NDArray[np.uint8], sealed: NDArray[np.uint8], division: Division, standardization: Standardization
) -> list[StreamedImages]:
    parts = (division.train, division.search, division.confirm)
    developed = [StreamedImages(pixels, rows, standardization) for rows in parts]
    return [*developed, StreamedImages(sealed, np.arange(len(sealed)), standardization)]


def _labelled(
    x: Tensor | StreamedImages, y: Tensor, lengths: NDArray[np.int64] | None, scale: TargetScale | None
) -> Labelled:
    if lengths is None:
        return Labelled(x, y, None, scale)
    if y.ndim == 2:
        y = y.masked_fill(torch.from_numpy(~data_mask(lengths, y.shape[1])), NO_TOKEN)
    return Labelled(x, y, _tensor(lengths), scale)


def _tensor(array: NDArray[Any]) -> Tensor:
    """The array as a tensor; one that lies read-only in the object store is copied, since torch takes none."""
    return torch.from_numpy(array if array.flags.writeable else array.copy())
