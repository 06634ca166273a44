"""The registered set of letters and a cue, which differ in length."""

from __future__ import annotations

import numpy as np

from spaces.shapes import Grid, Task
from tests.workers.datasets.learned import linear_score, network_score
from workers.datasets import load_dataset


def test_the_class_is_the_letter_behind_the_cue() -> None:
    """Read token by token, every row has one cue and its class right behind it, both within the row's length."""
    dataset = load_dataset("cue")

    assert (dataset.modality, dataset.task) == ("tokens", Task(Grid((12,), 1), 6, 7))
    for row, length, label in zip(dataset.x.tolist(), dataset.lengths.tolist(), dataset.y.tolist(), strict=True):
        data = row[:length]
        assert data.count(0) == 1
        assert str(data[data.index(0) + 1]) == dataset.labels[label]
        assert row[length:] == [0] * (12 - length)


def test_rows_have_every_length() -> None:
    """From 5 to 12 steps, about equally often, in both parts."""
    dataset = load_dataset("cue")
    for lengths, rows in ((dataset.lengths, 3200), (dataset.lengths_test, 800)):
        counts = np.bincount(lengths, minlength=13)
        assert counts[:5].sum() == 0
        assert (np.abs(counts[5:] / rows - 1 / 8) < 0.05).all()


def test_a_network_learns_what_a_linear_classifier_cannot() -> None:
    """Chance is .17, and counting letters gives a little more."""
    dataset = load_dataset("cue")

    assert linear_score(dataset) < 0.45
    assert network_score(dataset, "deep_fnn", steps=600) > 0.55


def test_the_cue_is_the_same_each_time() -> None:
    """The fingerprint is the one written here."""
    assert load_dataset("cue").fingerprint == "2fab5eb0f12b3cd4"
