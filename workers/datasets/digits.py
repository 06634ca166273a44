"""Digits: 1,797 handwritten digits of 8 x 8 pixels, ten classes. Alpaydin and Kaynak 1998; ships with scikit-learn."""

from __future__ import annotations

from sklearn.datasets import load_digits

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS


@DATASETS.register("digits")
def digits() -> Dataset:
    """The images of scikit-learn's `load_digits`, a fifth of them sealed."""
    bunch = load_digits()
    return from_arrays("digits", bunch.images[:, None], bunch.target)
