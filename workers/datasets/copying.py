"""Copy: random letters, a separator and the same letters again, to be predicted one by one. Generated.

The first half is chance; the second is certain for whoever remembers. After Graves et al. 2014.
"""

from __future__ import annotations

import numpy as np

from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.registry import DATASETS

ROWS, LETTERS, LENGTH = 4_000, 8, 8
SEPARATOR = 0


@DATASETS.register("copy")
def copy() -> Dataset:
    """Tokens: the separator, and letters from 1; the next of each is predicted, a fifth of the rows are sealed."""
    letters = np.random.default_rng(0).integers(1, LETTERS + 1, (ROWS, LENGTH))
    return from_arrays("copy", np.concatenate([letters, np.full((ROWS, 1), SEPARATOR), letters], axis=1), None)
