"""Diabetes: 442 patients in 10 measurements, and how far their disease is a year later. Efron et al. 2004.

Ships with scikit-learn.
"""

from __future__ import annotations

from sklearn.datasets import load_diabetes

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS


@DATASETS.register("diabetes")
def diabetes() -> Dataset:
    """The table of scikit-learn's `load_diabetes`, as it was measured; numbers to predict, a fifth sealed."""
    bunch = load_diabetes(scaled=False)
    return from_arrays("diabetes", bunch.data, bunch.target, task="regression")
