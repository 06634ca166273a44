"""The registered set of ten short curves."""

from __future__ import annotations

import numpy as np

from spaces.shapes import Grid, Task
from tests.workers.datasets.learned import linear_score, network_score
from workers.datasets import load_dataset


def test_signals_are_series_of_ten_classes() -> None:
    """Equally many of each."""
    dataset = load_dataset("signals")

    assert (dataset.modality, dataset.task) == ("series", Task(Grid((40,), 1), 10))
    assert np.bincount(np.concatenate([dataset.y, dataset.y_test])).tolist() == [400] * 10


def test_a_network_learns_what_a_linear_classifier_cannot() -> None:
    """Chance is .1."""
    dataset = load_dataset("signals")

    assert linear_score(dataset) < 0.4
    assert network_score(dataset, "deep_fnn", steps=500) > 0.6


def test_the_signals_are_the_same_each_time() -> None:
    """The fingerprint is the one written here."""
    assert load_dataset("signals").fingerprint == "2d534eae386091fd"
