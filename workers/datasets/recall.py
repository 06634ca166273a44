"""Recall: keys with their values, then one of the keys; the class is its value. After Graves et al. 2014. Generated.

Each key and its value are one token. Every value occurs once in a row, so counting values tells nothing.
"""

from __future__ import annotations

import numpy as np

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS

ROWS, PAIRS, KEYS = 4_000, 4, 6


@DATASETS.register("recall")
def recall() -> Dataset:
    """Tokens: `0 … KEYS - 1` ask for a key, those above are a key and a value; a fifth of the rows are sealed."""
    rng = np.random.default_rng(0)
    keys = rng.permuted(np.tile(np.arange(KEYS), (ROWS, 1)), axis=1)[:, :PAIRS]
    values = rng.permuted(np.tile(np.arange(PAIRS), (ROWS, 1)), axis=1)
    asked = rng.integers(PAIRS, size=(ROWS, 1))
    question, answer = (np.take_along_axis(tokens, asked, axis=1) for tokens in (keys, values))
    pairs = KEYS + PAIRS * keys + values
    return from_arrays("recall", np.concatenate([pairs, question], axis=1), answer[:, 0])
