"""Labels: what the array y may be, which classes it tells, and their indices."""

from __future__ import annotations

import reprlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput

_LARGEST_FLOAT = 2**53  # beyond it neighbouring integers are one float


def checked_labels(array: str, y: ArrayLike) -> NDArray[np.generic]:
    """`y` as a 1-D array of integers, strings or booleans; floats that are whole numbers become integers.

    Args:
        array: what messages call it, e.g. `"y_train"`.
        y: one label a row.
    """
    try:
        labels = np.asarray(y)
    except ValueError as error:
        raise InvalidInput(f"{array} is ragged: expected one class label a row") from error
    if labels.ndim != 1:
        raise InvalidInput(f"{array} is {labels.ndim}-D, shape {labels.shape}: expected 1-D, one class label a row")
    if labels.dtype.kind == "f":
        return _whole_numbers(array, labels.astype(np.float64))
    if labels.dtype.kind not in "biuUS" or labels.dtype.itemsize == 0:  # a string of width 0 may have any length
        raise InvalidInput(f"{array} has dtype {labels.dtype}: expected integer, string or boolean class labels")
    return np.char.decode(labels, "utf-8", "backslashreplace") if labels.dtype.kind == "S" else labels


def classes_of(y: NDArray[np.generic], array: str = "y_train") -> tuple[str, ...]:
    """The labels of all classes in their own order, as strings; messages call them by the name of the array."""
    classes = tuple(_distinct(y)[0])
    if len(classes) < 2:
        found = f"one class only, {reprlib.repr(classes[0])}" if classes else "no rows"
        raise InvalidInput(f"{array} has {found}: expected at least two classes")
    return classes


def class_indices(array: str, y: NDArray[np.generic], classes: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each label in `classes`."""
    distinct, inverse = _distinct(y)
    index = {label: place for place, label in enumerate(classes)}
    for place, label in enumerate(distinct):
        if label not in index:
            row = int((inverse == place).argmax())
            known = reprlib.repr(list(classes))
            raise InvalidInput(f"{array}[{row}] is {reprlib.repr(label)}: expected a class of y_train, one of {known}")
    return np.array([index[label] for label in distinct], dtype=np.int64)[inverse]


def check_class_sizes(
    y: NDArray[np.int64], classes: tuple[str, ...], rows: int, purpose: str, array: str = "y_train"
) -> None:
    """Refuses a class with fewer rows than its parts need."""
    counts = np.bincount(y, minlength=len(classes))
    small = np.flatnonzero(counts < rows)
    if len(small) == 0:
        return
    others = f", and {len(small) - 1:,} more classes are too small" if len(small) > 1 else ""
    raise InvalidInput(
        f"{array} has {counts[small[0]]} rows of class {reprlib.repr(classes[small[0]])}{others}: "
        f"expected at least {rows} rows a class {purpose}"
    )


def _distinct(y: NDArray[np.generic]) -> tuple[list[str], NDArray[np.int64]]:
    values, inverse = np.unique(y, return_inverse=True)
    return [str(value) for value in values.tolist()], inverse


def _whole_numbers(array: str, y: NDArray[np.float64]) -> NDArray[np.int64]:
    whole = (np.floor(y) == y) & (np.abs(y) <= _LARGEST_FLOAT)  # false for NaN and infinities too
    if not whole.all():
        row = int((~whole).argmax())
        raise InvalidInput(
            f"{array}[{row}] is {y[row]}: this version does classification only: expected integer class labels"
        )
    return y.astype(np.int64)
