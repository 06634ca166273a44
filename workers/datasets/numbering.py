"""Numbering: labels become a data set whose rows are their own numbers.

So labels are checked and rows are sealed before features are read that depend on which rows are sealed, or that are
too many to hold.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workers.datasets.dataset import Dataset, from_arrays


def numbered(name: str, y: ArrayLike, y_test: ArrayLike | None, **options: Any) -> Dataset:
    """A table of one feature, the number of the row in `y`, or in `y_test` where that is given.

    Args:
        name: of the data set.
        y: labels, `(n,)`.
        y_test: labels of the sealed test.
        options: those of `from_arrays` that are about labels.

    Raises:
        InvalidInput: the labels are not usable.
    """
    tests = None if y_test is None else _numbers(y_test)
    return from_arrays(name, _numbers(y), y, tests, y_test, modality="tabular", **options)


def row_numbers(x: NDArray[np.generic]) -> NDArray[np.int64]:
    """The numbers in `x` or `x_test` of a numbered data set, `(n,)`."""
    return x[:, 0].astype(np.int64)


def _numbers(y: ArrayLike) -> NDArray[np.float32]:
    rows = len(np.asarray(y))
    assert rows <= 2**24, "float32 numbers no more rows"
    return np.arange(rows, dtype=np.float32)[:, None]
