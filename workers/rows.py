"""Rows: a division of a data set as tensors, standardized and ready to train on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from workers.datasets import Dataset
from workers.datasets.division import divide
from workers.datasets.standardization import Standardization


@dataclass(frozen=True)
class Labelled:
    """Inputs `(rows, *positions, channels)` and their class indices `(rows,)`."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Rows:
    """The rows of one division; standardization is fitted on the training rows alone."""

    train: Labelled
    search: Labelled
    confirm: Labelled
    test: Labelled

    @classmethod
    def of(cls, dataset: Dataset, division: int) -> Rows:
        """The division of this number."""
        parts = divide(dataset.y, division)
        standardization = Standardization.fit(dataset.x[parts.train])

        def labelled(x: np.ndarray, y: np.ndarray) -> Labelled:
            return Labelled(torch.from_numpy(standardization.apply(x)), torch.from_numpy(np.array(y)))

        return cls(
            train=labelled(dataset.x[parts.train], dataset.y[parts.train]),
            search=labelled(dataset.x[parts.search], dataset.y[parts.search]),
            confirm=labelled(dataset.x[parts.confirm], dataset.y[parts.confirm]),
            test=labelled(dataset.x_test, dataset.y_test),
        )
