"""Targets: what the array y may be where numbers are predicted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from workers.datasets.features import LIMIT


def checked_targets(array: str, y: ArrayLike) -> NDArray[np.float32]:
    """`y` as float32 `(n,)`, all of it finite.

    Args:
        array: what messages call it, e.g. `"y_train"`.
        y: one number a row, `(n,)` or `(n, 1)`.

    Raises:
        InvalidInput: it is no such array.
    """
    try:
        targets = np.asarray(y)
    except ValueError as error:
        raise InvalidInput(f"{array} is ragged: expected one number a row") from error
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets[:, 0]
    if targets.dtype.kind not in "iuf":
        raise InvalidInput(f"{array} has dtype {targets.dtype}: expected numbers for task 'regression'")
    if targets.ndim != 1:
        raise InvalidInput(f"{array} is {targets.ndim}-D, shape {targets.shape}: expected 1-D, one number a row")
    unusable = ~(np.abs(targets.astype(np.float64)) <= LIMIT)  # NaN compares false
    if unusable.any():
        row = int(unusable.argmax())
        raise InvalidInput(
            f"{array}[{row}] is {targets[row]}: expected finite numbers within {LIMIT:.0e} for task 'regression'"
        )
    return targets.astype(np.float32)


def check_varied(y: NDArray[np.generic], array: str = "y_train") -> None:
    """Refuses development rows `(n,)` that all have the same number: nothing tells them apart."""
    if (y == y[0]).all():
        raise InvalidInput(f"{array} is {y[0]} in every row: expected numbers that differ")
