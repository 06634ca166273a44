"""Dataset: the rows of one task, checked and stored once; which rows are the sealed test is fixed here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from spaces.shapes import Task
from workers.datasets.features import channel_last, checked_features, grid_of, modality_of
from workers.datasets.labels import check_class_sizes, checked_labels, class_indices, classes_of

DEVELOPMENT_ROWS = 5
"""Rows that each class needs outside the sealed test: three train rows, one in search-val, one in confirm-val."""

SEALED_SHARE = 0.2
SEALED_ROWS = 2
"""Rows a class gives at most to a sealed share where it has `DEVELOPMENT_ROWS + SEALED_ROWS` in all."""

_SEALED_SEED = 0

Rows = tuple[NDArray[np.float32], NDArray[np.int64]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """The development rows (everything but the sealed test), the sealed test, and what they are.

    Attributes:
        name: registered name, or stem of the file.
        modality: `"image"`, `"series"` or `"tabular"`.
        metric: what a score on these rows is.
        task: grid of a row and number of classes.
        x: development rows, `(n, *positions, channels)`, C-contiguous.
        y: their class indices, `(n,)`, `0 … classes - 1`.
        x_test: rows of the sealed test.
        y_test: their class indices.
        labels: the user's label of each class index.
        fingerprint: 16 hexadecimal digits that tell the four arrays from any others.
    """

    name: str
    modality: str
    metric: str = "accuracy"
    task: Task
    x: NDArray[np.float32] = field(repr=False)
    y: NDArray[np.int64] = field(repr=False)
    x_test: NDArray[np.float32] = field(repr=False)
    y_test: NDArray[np.int64] = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)
    fingerprint: str


def from_arrays(
    name: str,
    x: ArrayLike,
    y: ArrayLike,
    x_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    *,
    modality: str | None = None,
    where: str | None = None,
) -> Dataset:
    """Checks arrays and makes them a data set; messages call the first two x_train and y_train.

    Args:
        name: what the data set is called.
        x: images `(n, channels, height, width)`, float series `(n, steps, channels)` or a float table `(n, features)`.
        y: one class label a row: integers, strings, booleans or floats that are whole numbers.
        x_test: rows of the sealed test; without them a stratified fifth of `x` is sealed, always the same rows.
        y_test: their labels.
        modality: `"image"`, `"series"` or `"tabular"`; inferred where it is not given.
        where: what messages call the source; `name` by default.

    Raises:
        InvalidInput: an array is not usable; the line says which, what was found and what was expected.
    """
    try:
        features, given_labels = checked_features("x_train", x), checked_labels("y_train", y)
        modality = modality_of(features, modality)
        _check_rows("train", features, given_labels)
        classes = classes_of(given_labels)
        development = (channel_last("x_train", features, modality), class_indices("y_train", given_labels, classes))
        if x_test is None and y_test is None:
            development, sealed = _seal_share(development, classes)
        else:
            check_class_sizes(development[1], classes, DEVELOPMENT_ROWS, "for train, search and confirmation")
            sealed = _given_test(x_test, y_test, features.shape, modality, classes)
    except InvalidInput as error:
        raise InvalidInput(f"{where or name}: {error}") from error
    return _stored(name, modality, development, sealed, classes)


def _stored(name: str, modality: str, development: Rows, sealed: Rows, labels: tuple[str, ...]) -> Dataset:
    return Dataset(
        name=name,
        modality=modality,
        task=Task(grid_of(development[0]), len(labels)),
        x=development[0],
        y=development[1],
        x_test=sealed[0],
        y_test=sealed[1],
        labels=labels,
        fingerprint=_fingerprint(*development, *sealed),
    )


def _seal_share(rows: Rows, classes: tuple[str, ...]) -> tuple[Rows, Rows]:
    """Development rows and a stratified fifth for the sealed test; both keep the order of the rows."""
    from sklearn.model_selection import train_test_split  # here: a worker that only trains need not wait for it

    x, y = rows
    check_class_sizes(
        y,
        classes,
        DEVELOPMENT_ROWS + SEALED_ROWS,
        f"({DEVELOPMENT_ROWS} to develop and {SEALED_ROWS} for the sealed test), or an x_test of its own",
    )
    split = train_test_split(np.arange(len(y)), test_size=SEALED_SHARE, random_state=_SEALED_SEED, stratify=y)
    development, sealed = np.sort(split[0]), np.sort(split[1])
    return (x[development], y[development]), (x[sealed], y[sealed])


def _given_test(
    x: ArrayLike | None, y: ArrayLike | None, shape: tuple[int, ...], modality: str, classes: tuple[str, ...]
) -> Rows:
    if x is None or y is None:
        found, missing = ("y_test", "x_test") if x is None else ("x_test", "y_test")
        raise InvalidInput(f"found {found} without {missing}: expected both or neither")
    features, labels = checked_features("x_test", x), checked_labels("y_test", y)
    if features.shape[1:] != shape[1:]:
        expected = ", ".join(str(extent) for extent in ("n", *shape[1:]))
        raise InvalidInput(f"x_test has shape {features.shape}: expected ({expected}), as x_train has")
    _check_rows("test", features, labels)
    return channel_last("x_test", features, modality), class_indices("y_test", labels, classes)


def _check_rows(part: str, x: NDArray[np.generic], y: NDArray[np.generic]) -> None:
    if len(x) != len(y):
        raise InvalidInput(f"x_{part} has {len(x)} rows and y_{part} {len(y)} labels: expected one label a row")


def _fingerprint(*arrays: NDArray[np.float32] | NDArray[np.int64]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype.str} ".encode())
        digest.update(array.data.cast("B"))
    return digest.hexdigest()[:16]
