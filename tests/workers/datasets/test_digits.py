"""The registered set of digits."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from spaces.shapes import Grid, Task
from workers.datasets import load_dataset


def test_digits_are_images_of_ten_classes() -> None:
    """All 1,797 images are there, a fifth of them sealed, with the pixels that scikit-learn ships."""
    dataset = load_dataset("digits")

    assert (dataset.modality, dataset.task) == ("image", Task(Grid((8, 8), 1), 10))
    assert (len(dataset.x), len(dataset.x_test)) == (1437, 360)
    assert dataset.labels == tuple("0123456789")
    images = np.concatenate([dataset.x, dataset.x_test]).reshape(-1, 64)
    assert sorted(map(tuple, images.tolist())) == sorted(map(tuple, load_digits().data.tolist()))


def test_digits_are_the_same_each_time() -> None:
    """The sealed rows do not depend on the process; the fingerprint is the one written here."""
    assert load_dataset("digits").fingerprint == "f9ed71e3ea71f6ee"
