"""Labels: what the array y may be, which classes it tells, and their indices."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput

UNSEEN = -1
"""Class index of a test row whose class no training row has: no prediction can be right."""

MOST_UNSEEN_SHARE = 0.2
"""Test rows that may be `UNSEEN`; beyond it the two parts are hardly of one data set."""

LONGEST_LABEL = 256
"""Characters of a label; an array has room for the longest in every row, so one long text would fill memory."""

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
    return labels if labels.dtype.kind in "biu" else _texts(array, labels)


def text_labels(array: str, texts: Sequence[str]) -> NDArray[np.str_]:
    """Texts of any length as an array `(n,)`.

    Args:
        array: what messages call them.
        texts: one a row.

    Raises:
        InvalidInput: one of them is no label but a text.
    """
    lengths = [len(text) for text in texts]
    if lengths and max(lengths) > LONGEST_LABEL:
        row = lengths.index(max(lengths))
        raise InvalidInput(
            f"{array}[{row}] has {lengths[row]:,} characters: expected class labels of at most {LONGEST_LABEL}"
        )
    return np.array(texts, dtype=np.str_)


def classes_of(y: NDArray[np.generic], array: str = "y_train") -> tuple[str, ...]:
    """The labels of all classes in their own order, as strings; messages call them by the name of the array."""
    classes = tuple(_distinct(y)[0])
    if len(classes) < 2:
        found = f"one class only, {reprlib.repr(classes[0])}" if classes else "no rows"
        raise InvalidInput(f"{array} has {found}: expected at least two classes")
    return classes


def class_indices(y: NDArray[np.generic], classes: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each label in `classes`, `UNSEEN` of one that is not there."""
    distinct, inverse = _distinct(y)
    index = {label: place for place, label in enumerate(classes)}
    return np.array([index.get(label, UNSEEN) for label in distinct], dtype=np.int64)[inverse]


def noted_unseen(y: NDArray[np.generic], labels: NDArray[np.generic], classes: tuple[str, ...]) -> tuple[str, ...]:
    """What there is to say of the rows of y_test that are `UNSEEN`.

    Args:
        y: class indices of the test rows, `(n,)`.
        labels: what they were given as.
        classes: of y_train.

    Raises:
        InvalidInput: there are too many such rows.
    """
    unseen = np.flatnonzero(y == UNSEEN)
    if len(unseen) == 0:
        return ()
    if len(unseen) > MOST_UNSEEN_SHARE * len(y):
        row = unseen[0]
        raise InvalidInput(
            f"y_test[{row}] is {reprlib.repr(str(labels[row]))}, and {len(unseen):,} of {len(y):,} rows have a class "
            f"that y_train has not: expected one of {reprlib.repr(list(classes))} in {1 - MOST_UNSEEN_SHARE:.0%} of all"
        )
    found = f"{len(unseen):,} of {len(y):,} test rows {'has' if len(unseen) == 1 else 'have'} a class"
    return (f"{found} that no training row has: counted as wrong, in auroc as of no class",)


def check_class_sizes(y: NDArray[np.generic], classes: Sequence[str], rows: int, purpose: str, array: str) -> None:
    """Refuses a class with fewer rows than its parts need."""
    counts = np.bincount(y, minlength=len(classes))
    small = np.flatnonzero(counts < rows)
    if len(small) == 0:
        return
    others = f", and {len(small) - 1:,} more classes are too small" if len(small) > 1 else ""
    raise InvalidInput(
        f"{array} has {counts[small[0]]} rows of class {reprlib.repr(classes[small[0]])}{others}: "
        f"expected at least {rows} rows a class {purpose}{_or_numbers(classes, len(small))}"
    )


def _or_numbers(classes: Sequence[str], small: int) -> str:
    """A hint for whoever gave whole numbers, most of which are rare, to be predicted as numbers."""
    looks_like = 2 * small > len(classes) > 2 and all(name.removeprefix("-").isdigit() for name in classes)
    return "; or task 'regression', if these are numbers to predict" if looks_like else ""


def _distinct(y: NDArray[np.generic]) -> tuple[list[str], NDArray[np.int64]]:
    values, inverse = np.unique(y, return_inverse=True)
    return [str(value) for value in values.tolist()], inverse


def _texts(array: str, labels: NDArray[Any]) -> NDArray[np.generic]:
    """Labels without a blank one, which is no class but a label that is missing."""
    texts = np.char.decode(labels, "utf-8", "backslashreplace") if labels.dtype.kind == "S" else labels
    blank = np.char.strip(texts) == ""
    if blank.any():
        raise InvalidInput(f"{array}[{int(blank.argmax())}] is blank: expected a class label in every row")
    return texts


def _whole_numbers(array: str, y: NDArray[np.float64]) -> NDArray[np.int64]:
    whole = (np.floor(y) == y) & (np.abs(y) <= _LARGEST_FLOAT)  # false for NaN and infinities too
    if not whole.all():
        row = int((~whole).argmax())
        raise InvalidInput(
            f"{array}[{row}] is {y[row]}: expected whole numbers, as class labels are, or task 'regression'"
        )
    return y.astype(np.int64)
