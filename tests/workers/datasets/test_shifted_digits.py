"""The registered set of shifted digits."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from spaces.shapes import Grid, Task
from workers.datasets import load_dataset


def test_every_digit_is_there_somewhere() -> None:
    """Each canvas holds one digit whole, at every height and breadth."""
    dataset = load_dataset("shifted_digits")
    assert (dataset.modality, dataset.task) == ("image", Task(Grid((14, 14), 1), 10))
    x, y = np.concatenate([dataset.x, dataset.x_test])[..., 0], np.concatenate([dataset.y, dataset.y_test])
    bunch = load_digits()
    assert np.bincount(y).tolist() == np.bincount(bunch.target).tolist()
    assert sorted(x.sum((1, 2)).tolist()) == sorted(bunch.images.sum((1, 2)).tolist())
    tops, lefts = ({int(canvas.any(axis).argmax()) for canvas in x} for axis in (1, 0))
    assert set(range(7)) <= tops & lefts


def test_shifted_digits_are_the_same_each_time() -> None:
    """The fingerprint is the one written here."""
    assert load_dataset("shifted_digits").fingerprint == "6f2c7d782709faab"
