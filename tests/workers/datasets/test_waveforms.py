"""The registered set of waveforms."""

from __future__ import annotations

import numpy as np

from spaces.shapes import Grid, Task
from tests.workers.datasets.learned import linear_score, network_score
from workers.datasets import load_dataset


def test_waveforms_are_series_of_five_classes() -> None:
    """Every shape has as many rows as the others."""
    dataset = load_dataset("waveforms")

    assert (dataset.modality, dataset.task) == ("series", Task(Grid((48,), 1), 5))
    assert dataset.labels == ("chirp", "sawtooth", "sine", "square", "triangle")
    assert np.bincount(np.concatenate([dataset.y, dataset.y_test])).tolist() == [800] * 5


def test_shapes_are_told_by_how_they_spend_their_time() -> None:
    """A square is at its two levels nearly always, and a sawtooth takes every height equally often."""
    dataset = load_dataset("waveforms")

    def spread(shape: str) -> float:  # mean height over root mean square: 1, .9, .87 and .87 without noise
        x = dataset.x[dataset.y == dataset.labels.index(shape), :, 0]
        return float((np.abs(x).mean(axis=1) / np.sqrt((x**2).mean(axis=1))).mean())

    assert spread("square") > 0.98
    assert abs(spread("sine") - 0.9) < 0.015
    for shape in ("sawtooth", "triangle"):
        assert abs(spread(shape) - 0.866) < 0.015


def test_a_network_learns_what_a_linear_classifier_cannot() -> None:
    """Chance is .2."""
    dataset = load_dataset("waveforms")

    assert linear_score(dataset) < 0.35
    assert network_score(dataset, "deep_fnn", steps=500) > 0.75


def test_waveforms_are_the_same_each_time() -> None:
    """The fingerprint is the one written here."""
    assert load_dataset("waveforms").fingerprint == "3b53e539117bde4b"
