"""Wine: 178 wines of three cultivars in 13 chemical measurements. Aeberhard et al. 1992; ships with scikit-learn."""

from __future__ import annotations

from sklearn.datasets import load_wine

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS


@DATASETS.register("wine")
def wine() -> Dataset:
    """The table of scikit-learn's `load_wine`, a fifth of it sealed."""
    bunch = load_wine()
    return from_arrays("wine", bunch.data, [bunch.target_names[label] for label in bunch.target])
