"""Iris: 150 irises of three species in four measurements. Fisher 1936; ships with scikit-learn."""

from __future__ import annotations

from sklearn.datasets import load_iris

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS


@DATASETS.register("iris")
def iris() -> Dataset:
    """The table of scikit-learn's `load_iris`, a fifth of it sealed."""
    bunch = load_iris()
    return from_arrays("iris", bunch.data, [bunch.target_names[label] for label in bunch.target])
