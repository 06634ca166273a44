"""Tokens: rows of integer ids, each of which names one of a vocabulary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spaces.errors import InvalidInput

LARGEST_VOCABULARY = 65_536
"""Ids that a table of embeddings may have; beyond it a small network would be its table and little else."""


def token_ids(array: str, x: NDArray[np.generic]) -> NDArray[np.int64]:
    """An int64 copy of ids `(n, steps)`; every id is from 0 to `LARGEST_VOCABULARY - 1`."""
    if x.dtype.kind not in "iu":
        raise InvalidInput(f"{array} has dtype {x.dtype}: expected integers for tokens")
    ids = x.astype(np.int64, order="C")  # unsigned numbers too large for it turn negative
    unusable = (ids < 0) | (ids >= LARGEST_VOCABULARY)
    if unusable.any():
        row, step = np.unravel_index(int(unusable.argmax()), x.shape)
        raise InvalidInput(
            f"{array}[{row}, {step}] is {x[row, step]}: expected token ids from 0 to {LARGEST_VOCABULARY - 1:,}, "
            "or modality 'tabular' if the columns are the features of a table"
        )
    return ids


def vocabulary_of(*rows: NDArray[np.generic]) -> int:
    """The largest id in any row and one more."""
    return 1 + max(int(x.max()) for x in rows)


def check_predictable(part: str, ids: NDArray[np.int64], lengths: NDArray[np.int64] | None) -> None:
    """Refuses rows `(n, steps)` in which no token follows another.

    Args:
        part: `"train"` or `"test"`.
        ids: the rows.
        lengths: tokens of each row, `(n,)`; `None` where all have `steps`.
    """
    if ids.shape[1] < 2:
        raise InvalidInput(f"x_{part} has one token a row: expected at least two, of which the second is predicted")
    if lengths is not None and lengths.min() < 2:
        row = int(lengths.argmin())
        raise InvalidInput(
            f"length_{part}[{row}] is {lengths[row]}: expected at least 2 tokens, of which the second is predicted"
        )
