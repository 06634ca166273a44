"""The registered tables that ship with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from spaces.shapes import Grid, Kind, Task
from workers.datasets import load_dataset


@pytest.mark.parametrize(
    ("name", "load", "features", "classes"),
    [
        ("wine", load_wine, 13, 3),
        ("breast_cancer", load_breast_cancer, 30, 2),
        ("iris", load_iris, 4, 3),
    ],
)
def test_tables_are_those_of_scikit_learn(name: str, load: Callable[[], Any], features: int, classes: int) -> None:
    """Every row is there with its class's own name, a fifth of them sealed."""
    dataset, bunch = load_dataset(name), load()

    assert (dataset.modality, dataset.task) == ("tabular", Task(Grid((), features), classes))
    assert len(dataset.x_test) == -(-len(bunch.data) // 5)
    stored = np.concatenate([dataset.x, dataset.x_test])
    labels = [dataset.labels[index] for index in np.concatenate([dataset.y, dataset.y_test])]
    given = zip(bunch.data.astype(np.float32).tolist(), bunch.target_names[bunch.target].tolist(), strict=True)
    assert sorted(zip(stored.tolist(), labels, strict=True)) == sorted(given)


def test_the_patients_are_those_of_scikit_learn() -> None:
    """Every row is there with its own number, though all of these are whole, a fifth of them sealed."""
    dataset, bunch = load_dataset("diabetes"), load_diabetes(scaled=False)

    assert (dataset.modality, dataset.task) == ("tabular", Task(Grid((), 10), 1, None, Kind.REGRESSION))
    assert len(dataset.x_test) == 89
    stored = np.column_stack([np.concatenate([dataset.x, dataset.x_test]), np.concatenate([dataset.y, dataset.y_test])])
    given = np.column_stack([bunch.data, bunch.target]).astype(np.float32)
    assert sorted(stored.tolist()) == sorted(given.tolist())
