"""Standardization: every channel to mean 0 and deviation 1, as measured on the train rows alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Standardization:
    """Mean and deviation of each channel, measured on some rows and applied to any.

    A channel that is constant on the measured rows has deviation 1: there it becomes zeros, and it stays finite where
    other rows differ.

    Attributes:
        mean: float32 `(channels,)`.
        deviation: float32 `(channels,)`, never zero.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def fit(cls, x_train: NDArray[np.float32]) -> Standardization:
        """Measures `x_train` of shape `(n, *positions, channels)`; sums run in float64."""
        axes = tuple(range(x_train.ndim - 1))
        mean = x_train.mean(axis=axes, dtype=np.float64).astype(np.float32)
        deviation = x_train.std(axis=axes, dtype=np.float64)
        constant = deviation < np.finfo(np.float32).tiny  # exact: float64 sums of one float32 value do not round
        return cls(mean, np.where(constant, 1.0, deviation).astype(np.float32))

    def apply(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """A standardized copy of `x`, same shape `(n, *positions, channels)` and type."""
        standardized = x - self.mean
        standardized /= self.deviation
        return standardized
