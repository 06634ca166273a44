"""Streamed images: rows that stay in their file, of which each batch is read and standardized."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workers.datasets.standardization import Standardization
from workers.device import CPU

CHUNK_ROWS = 1024
"""Rows read at a time to measure channels."""


@dataclass(frozen=True, eq=False)
class StreamedImages:
    """Some rows of an array that may be larger than memory; indexed like the tensor of standardized numbers.

    Attributes:
        pixels: uint8 `(n, height, width, channels)`, perhaps a memory map.
        rows: which of them these are, int64 `(rows,)`.
        standardization: of the channels, measured on the train rows.
        device: where batches go.
    """

    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    standardization: Standardization
    device: torch.device = CPU

    def __getitem__(self, picked: Tensor | slice) -> Tensor:
        """The standardized float32 rows `(picked, height, width, channels)`."""
        rows = self.rows[picked if isinstance(picked, slice) else picked.cpu().numpy()]
        numbers = self.standardization.apply(np.asarray(self.pixels[rows], dtype=np.float32))
        return torch.from_numpy(numbers).to(self.device)


def channel_standardization(pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> Standardization:
    """Mean and deviation of each channel over these rows, as `Standardization.fit` measures them.

    Sums are whole numbers, so that nothing is rounded and a constant channel has no deviation at all.
    """
    channels = pixels.shape[-1]
    counts = np.zeros((channels, 256), np.int64)  # how often each value occurs
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = np.asarray(pixels[rows[start : start + CHUNK_ROWS]])
        for channel in range(channels):
            counts[channel] += np.bincount(chunk[..., channel].ravel(), minlength=256)
    values, count = np.arange(256, dtype=object), int(counts[0].sum())
    sums, squares = counts.astype(object) @ values, counts.astype(object) @ values**2
    mean = (sums / count).astype(np.float32)
    deviation = np.sqrt((count * squares - sums**2).astype(np.float64)) / count
    return Standardization(mean, np.where(deviation == 0, 1.0, deviation).astype(np.float32))
