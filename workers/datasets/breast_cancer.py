"""Breast cancer: 569 tumours, malignant or benign, in 30 measurements. Street et al. 1993; ships with scikit-learn."""

from __future__ import annotations

from sklearn.datasets import load_breast_cancer

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS


@DATASETS.register("breast_cancer")
def breast_cancer() -> Dataset:
    """The table of scikit-learn's `load_breast_cancer`, a fifth of it sealed."""
    bunch = load_breast_cancer()
    return from_arrays("breast_cancer", bunch.data, [bunch.target_names[label] for label in bunch.target])
