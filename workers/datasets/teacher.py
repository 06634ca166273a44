"""Teacher: a table labelled by a random network of one hidden layer. Generated."""

from __future__ import annotations

import numpy as np

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS

ROWS, FEATURES, HIDDEN, CLASSES = 4_000, 12, 24, 3


@DATASETS.register("teacher")
def teacher() -> Dataset:
    """Normal features; the class is the teacher's score most above its mean, a fifth of the rows are sealed."""
    rng = np.random.default_rng(0)
    hidden, scores = rng.standard_normal((FEATURES, HIDDEN)), rng.standard_normal((HIDDEN, CLASSES))
    x = rng.standard_normal((ROWS, FEATURES)).round(4)
    opinion = np.abs(x @ hidden) @ scores
    return from_arrays("teacher", x, (opinion - opinion.mean(axis=0)).argmax(axis=1))
