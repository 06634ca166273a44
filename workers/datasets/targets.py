"""Targets: what the array y may be where numbers are predicted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from workers.datasets.division import HELD_OUT_PERCENT, strata
from workers.datasets.features import LIMIT, is_rounded_away

MOST_ALIKE = 0.1
"""Chance that a held-out part may have of holding one number alone, of which R² is not defined."""


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
    wide = targets.astype(np.float64)
    unusable = ~(np.abs(wide) <= LIMIT)  # NaN compares false
    if unusable.any():
        row = int(unusable.argmax())
        raise InvalidInput(
            f"{array}[{row}] is {targets[row]}: expected finite numbers within {LIMIT:.0e} for task 'regression'"
        )
    if is_rounded_away(wide):
        raise InvalidInput(
            f"{array} has deviation {wide.std():.3g} around {wide.mean():.10g}, which float32 rounds away: "
            "expected numbers less such an offset"
        )
    return targets.astype(np.float32)


def check_varied(y: NDArray[np.generic], array: str = "y_train") -> None:
    """Refuses development rows `(n,)` that all have the same number: nothing tells them apart."""
    if (y == y[0]).all():
        raise InvalidInput(f"{array} is {y[0]} in every row: expected numbers that differ")


def check_r2(y: NDArray[np.generic], y_test: NDArray[np.generic]) -> None:
    """Refuses numbers that R² can hardly be told of, since it is not defined where all are the same.

    Args:
        y: of the development rows, `(n,)`, of which divisions hold out parts.
        y_test: of the sealed test, `(m,)`.

    Raises:
        InvalidInput: the sealed test has one number alone, or a held-out part is likely to.
    """
    advice = "where r2 is not defined: expected more rows with other numbers, or --metric rmse"
    if (y_test == y_test[0]).all():
        raise InvalidInput(f"the sealed test has {y_test[0]} in every row, {advice}")
    values, counts = np.unique(y, return_counts=True)
    commonest = values[counts.argmax()]
    if _chance_alike(y == commonest, strata(y)) > MOST_ALIKE:
        found = f"{counts.max():,} of {len(y):,} rows to develop on are {commonest}"
        raise InvalidInput(f"{found}, so that parts held out may have no other number, {advice}")


def _chance_alike(is_commonest: NDArray[np.bool_], stratum: NDArray[np.int64]) -> float:
    """How likely all rows of a held-out part have the commonest number; each stratum gives its share of them."""
    rows = np.bincount(stratum)
    shares = np.bincount(stratum, weights=is_commonest) / rows
    return float(np.prod(shares ** (HELD_OUT_PERCENT / 100 * rows)))
