"""Lengths: how many steps of each row hold data, where rows are padded to one number of steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput

PADDED = ("series", "tokens")
"""Modalities whose rows may differ in length."""


def checked_lengths(array: str, lengths: ArrayLike, shape: tuple[int, ...], modality: str) -> NDArray[np.int64]:
    """The lengths of rows `(n, steps, ...)` as int64 `(n,)`, each from 1 to `steps`.

    Args:
        array: what messages call them, e.g. `"length_train"`.
        lengths: one a row.
        shape: shape of the rows.
        modality: of the rows.
    """
    if modality not in PADDED:
        raise InvalidInput(f"found {array} with modality {modality!r}: expected lengths for {' or '.join(PADDED)} only")
    try:
        given = np.asarray(lengths)
    except ValueError as error:
        raise InvalidInput(f"{array} is ragged: expected one length a row") from error
    if given.dtype.kind not in "iu":
        raise InvalidInput(f"{array} has dtype {given.dtype}: expected integers")
    if given.shape != shape[:1]:
        raise InvalidInput(f"{array} has shape {given.shape}: expected ({shape[0]},), one length a row")
    wrong = (given < 1) | (given > shape[1])
    if wrong.any():
        row = int(wrong.argmax())
        raise InvalidInput(f"{array}[{row}] is {given[row]}: expected 1 to {shape[1]}, the steps of a row")
    return given.astype(np.int64)


def data_mask(lengths: NDArray[np.int64], steps: int) -> NDArray[np.bool_]:
    """True where a row has data and false in the padding behind it, `(n, steps)`."""
    return np.arange(steps) < lengths[:, None]


def without_padding(x: NDArray[np.generic], lengths: NDArray[np.int64]) -> NDArray[np.generic]:
    """A copy of rows `(n, steps, ...)` with zeros behind the end of each, whatever stood there, NaN included."""
    stored = x.copy()
    stored[~data_mask(lengths, x.shape[1])] = 0
    return stored
