"""The registered set of letters that come twice."""

from __future__ import annotations

import numpy as np

from spaces.shapes import Grid, Kind, Task
from workers.datasets import load_dataset


def test_what_follows_the_separator_came_before() -> None:
    """Eight letters, the separator and the same letters; every letter is about as frequent at each place."""
    dataset = load_dataset("copy")

    assert (dataset.modality, dataset.task) == ("tokens", Task(Grid((16,), 1), 9, 9, Kind.NEXT_TOKEN))
    assert (dataset.x[:, 8] == 0).all()
    np.testing.assert_array_equal(dataset.y[:, 8:], dataset.x[:, :8])
    counts = np.stack([np.bincount(letters, minlength=9)[1:] for letters in dataset.x[:, :8].T])
    assert (np.abs(counts / len(dataset.x) - 1 / 8) < 0.03).all()


def test_the_copy_is_the_same_each_time() -> None:
    """The fingerprint is the one written here."""
    assert load_dataset("copy").fingerprint == "5c2da52d8861eafd"
