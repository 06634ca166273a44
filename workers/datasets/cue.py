"""Cue: letters of which one follows a cue; the class is that letter. Rows differ in length. Generated."""

from __future__ import annotations

import numpy as np

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS

ROWS, LETTERS = 4_000, 6
SHORTEST, STEPS = 5, 12
CUE = 0


@DATASETS.register("cue")
def cue() -> Dataset:
    """Tokens: the cue, and letters from 1; it stands anywhere but at the end, a fifth of the rows are sealed."""
    rng = np.random.default_rng(0)
    rows, lengths = np.arange(ROWS), rng.integers(SHORTEST, STEPS + 1, ROWS)
    x = rng.integers(1, LETTERS + 1, (ROWS, STEPS))
    place = rng.integers(lengths - 1)
    x[rows, place] = CUE
    return from_arrays("cue", x, x[rows, place + 1], lengths=lengths)
