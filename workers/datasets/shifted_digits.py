"""Shifted digits: the handwritten digits anywhere on a larger canvas.

What tells a digit is no longer at a fixed place, so a linear classifier, which does very well on the digits themselves,
falls far behind networks that know neighbours.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS

CANVAS = 14


@DATASETS.register("shifted_digits")
def shifted_digits() -> Dataset:
    """The images of scikit-learn's `load_digits`, each at a random place of 14 x 14 pixels, a fifth of them sealed."""
    bunch = load_digits()
    rng = np.random.default_rng(0)
    count, size = len(bunch.images), bunch.images.shape[1]
    x = np.zeros((count, 1, CANVAS, CANVAS), dtype=np.float32)
    for canvas, image, (top, left) in zip(
        x, bunch.images, rng.integers(CANVAS - size + 1, size=(count, 2)), strict=True
    ):
        canvas[0, top : top + size, left : left + size] = image
    return from_arrays("shifted_digits", x, bunch.target)
