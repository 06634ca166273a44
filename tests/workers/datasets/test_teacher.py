"""The registered table that a random network labelled."""

from __future__ import annotations

import numpy as np

from spaces.shapes import Grid, Task
from tests.workers.datasets.learned import linear_score, network_score
from workers.datasets import load_dataset


def test_the_teacher_labels_a_table_of_three_classes() -> None:
    """Features are standard normal, and no class is rare."""
    dataset = load_dataset("teacher")

    assert (dataset.modality, dataset.task) == ("tabular", Task(Grid((), 12), 3))
    np.testing.assert_allclose(dataset.x.std(axis=0), 1, atol=0.05)
    assert np.bincount(dataset.y).min() > 800


def test_a_network_learns_what_a_linear_classifier_cannot() -> None:
    """A dense network is far above a linear one."""
    dataset = load_dataset("teacher")

    assert network_score(dataset, "deep_fnn", steps=500) > linear_score(dataset) + 0.25


def test_the_teacher_is_the_same_each_time() -> None:
    """The fingerprint is the one written here."""
    assert load_dataset("teacher").fingerprint == "6bacd34da0ba7626"
