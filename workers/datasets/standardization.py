"""Standardization: every channel to mean 0 and deviation 1, as measured on the train rows alone.

Where a number is missing, NaN, nothing is measured and the mean stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.datasets.lengths import data_mask


@dataclass(frozen=True, eq=False)
class Standardization:
    """Mean and deviation of each channel, measured on some rows and applied to any.

    A channel that is constant on the measured rows has deviation 1: there it becomes zeros, and it stays finite where
    other rows differ. Padding is not measured and stays zero; what is missing is not measured and becomes zero.

    Attributes:
        mean: float32 `(channels,)`.
        deviation: float32 `(channels,)`, never zero.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def fit(cls, x_train: NDArray[np.float32], lengths: NDArray[np.int64] | None = None) -> Standardization:
        """Measures the data of `x_train`, `(n, *positions, channels)`; sums run in float64.

        Args:
            x_train: the rows.
            lengths: of padded series, the steps of each row that hold data, `(n,)`.
        """
        x = x_train if lengths is None else x_train[data_mask(lengths, x_train.shape[1])]
        axes = tuple(range(x.ndim - 1))
        mean, deviation = _measured(x, axes)
        constant = deviation < np.finfo(np.float32).tiny  # exact: float64 sums of one float32 value do not round
        return cls(mean.astype(np.float32), np.where(constant, 1.0, deviation).astype(np.float32))

    def apply(self, x: NDArray[np.float32], lengths: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """A standardized copy of `x`, same shape `(n, *positions, channels)` and type; `lengths` as in `fit`."""
        standardized = x - self.mean
        standardized /= self.deviation
        standardized[np.isnan(x)] = 0
        if lengths is not None:
            standardized[~data_mask(lengths, x.shape[1])] = 0
        return standardized


def _measured(x: NDArray[np.float32], axes: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and deviation of each channel over what is not missing; zeros where nothing is there."""
    missing = np.isnan(x)
    if not missing.any():
        return x.mean(axis=axes, dtype=np.float64), x.std(axis=axes, dtype=np.float64)
    count = np.maximum((~missing).sum(axis=axes), 1)
    mean = np.where(missing, 0, x).sum(axis=axes, dtype=np.float64) / count
    squares = np.where(missing, 0, (x - mean) ** 2)
    return mean, np.sqrt(squares.sum(axis=axes) / count)
