"""Dataset: the rows of one task, checked and stored once; which rows are the sealed test is fixed here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from spaces.shapes import Kind, Task
from workers.datasets.features import grid_of, modality_of
from workers.datasets.labels import check_class_sizes, classes_of
from workers.datasets.part import Given, Part, Values
from workers.datasets.tokens import vocabulary_of
from workers.metric import Metric, metric_of

DEVELOPMENT_ROWS = 5
"""Rows that each class needs outside the sealed test: three train rows, one in search-val, one in confirm-val."""

SEALED_SHARE = 0.2
SEALED_ROWS = 2
"""Rows a class gives at most to a sealed share where it has `DEVELOPMENT_ROWS + SEALED_ROWS` in all."""

_SEALED_SEED = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """The development rows (everything but the sealed test), the sealed test, and what they are.

    Attributes:
        name: registered name, or stem of the file.
        modality: `"image"`, `"series"`, `"tabular"` or `"tokens"`.
        metric: what candidates are compared by on these rows.
        task: grid of a row, number of classes and, of tokens, the vocabulary: the largest id in any row and one more.
        x: development rows, C-contiguous: float32 `(n, *positions, channels)`, or int64 tokens `(n, steps)`.
            NaN is a number that a table from a file does not have.
        y: their class indices, `(n,)`, `0 … classes - 1`.
        x_test: rows of the sealed test.
        y_test: their class indices.
        lengths: steps of each development row that hold data, `(n,)`, at least 1 each; behind them the row is zero.
            `None`, like `lengths_test`, where every row of both parts is full.
        lengths_test: the same of the sealed test.
        labels: the user's label of each class index.
        fingerprint: 16 hexadecimal digits that tell these arrays from any others.
        notes: of a table read from a file, what was done with each column.
    """

    name: str
    modality: str
    metric: Metric = field(default_factory=lambda: metric_of(Kind.CLASSIFICATION))
    task: Task
    x: Values = field(repr=False)
    y: NDArray[np.int64] = field(repr=False)
    x_test: Values = field(repr=False)
    y_test: NDArray[np.int64] = field(repr=False)
    lengths: NDArray[np.int64] | None = field(default=None, repr=False)
    lengths_test: NDArray[np.int64] | None = field(default=None, repr=False)
    labels: tuple[str, ...] = field(repr=False)
    fingerprint: str
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def summary(self) -> str:
        """What a person should see before hours are spent: how the rows were understood."""
        shape = " × ".join(str(extent) for extent in (*self.task.grid.positions, self.task.grid.channels))
        row = f"{self.task.grid.length} tokens of {self.task.vocabulary}" if self.task.vocabulary else shape
        kind = f"{self.name}: {self.modality}, {len(self.y):,} rows of {row}, {self.task.outputs} classes"
        return f"{kind}; {len(self.y_test):,} more are the sealed test"


def from_arrays(
    name: str,
    x: ArrayLike,
    y: ArrayLike,
    x_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    *,
    lengths: ArrayLike | None = None,
    lengths_test: ArrayLike | None = None,
    modality: str | None = None,
    may_miss: bool = False,
    where: str | None = None,
) -> Dataset:
    """Checks arrays and makes them a data set; messages call them by their names in a file, `x_train` and so on.

    Args:
        name: what the data set is called.
        x: images `(n, channels, height, width)`, float series `(n, steps, channels)`, a float table `(n, features)` or
            integer tokens `(n, steps)`.
        y: one class label a row: integers, strings, booleans or floats that are whole numbers.
        x_test: rows of the sealed test; without them a stratified fifth of `x` is sealed, always the same rows.
        y_test: their labels.
        lengths: for series and tokens, how many steps of each row hold data, `(n,)`; without them, all do.
        lengths_test: the same for `x_test`.
        modality: `"image"`, `"series"`, `"tabular"` or `"tokens"`; inferred where it is not given.
        may_miss: whether NaN may stand for a missing number.
        where: what messages call the source; `name` by default.

    Raises:
        InvalidInput: an array is not usable; the line says which, what was found and what was expected.
    """
    try:
        train = Given.checked("train", x, y, lengths)
        test = _given_test(x_test, y_test, lengths_test)
        modality = modality_of(train.x, modality)
        classes = classes_of(train.y)
        development = train.stored(modality, classes, may_miss)
        if test is None:
            development, sealed = _seal_share(development, classes)
        else:
            check_class_sizes(development.y, classes, DEVELOPMENT_ROWS, "for train, search and confirmation")
            test.check_like(train)
            sealed = test.stored(modality, classes, may_miss)
    except InvalidInput as error:
        raise InvalidInput(f"{where or name}: {error}") from error
    return _stored(name, modality, development, sealed, classes)


def _given_test(x: ArrayLike | None, y: ArrayLike | None, lengths: ArrayLike | None) -> Given | None:
    if x is not None and y is not None:
        return Given.checked("test", x, y, lengths)
    if x is None and y is None and lengths is None:
        return None
    found, missing = ("y_test", "x_test") if x is None else ("x_test", "y_test")
    raise InvalidInput(
        f"found {found if lengths is None else 'length_test'} without {missing}: expected both or neither"
    )


def _stored(name: str, modality: str, development: Part, sealed: Part, labels: tuple[str, ...]) -> Dataset:
    vocabulary = vocabulary_of(development.x, sealed.x) if modality == "tokens" else None
    padded = development.padded or sealed.padded
    return Dataset(
        name=name,
        modality=modality,
        task=Task(grid_of(development.x, modality), len(labels), vocabulary),
        x=development.x,
        y=development.y,
        x_test=sealed.x,
        y_test=sealed.y,
        lengths=development.lengths if padded else None,
        lengths_test=sealed.lengths if padded else None,
        labels=labels,
        fingerprint=_fingerprint(development, sealed, padded),
    )


def _seal_share(rows: Part, classes: tuple[str, ...]) -> tuple[Part, Part]:
    """Development rows and a stratified fifth for the sealed test; both keep the order of the rows."""
    check_class_sizes(
        rows.y,
        classes,
        DEVELOPMENT_ROWS + SEALED_ROWS,
        f"({DEVELOPMENT_ROWS} to develop and {SEALED_ROWS} for the sealed test), or an x_test of its own",
    )
    development, sealed = sealed_rows(rows.y)
    return rows.take(development), rows.take(sealed)


def sealed_rows(y: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which rows are for development and which are sealed, a stratified fifth, both in order and always the same.

    Args:
        y: class index of each row, `(n,)`, at least `DEVELOPMENT_ROWS + SEALED_ROWS` rows a class.
    """
    from sklearn.model_selection import train_test_split  # here: a worker that only trains need not wait for it

    split = train_test_split(np.arange(len(y)), test_size=SEALED_SHARE, random_state=_SEALED_SEED, stratify=y)
    return np.sort(split[0]), np.sort(split[1])


def _fingerprint(development: Part, sealed: Part, padded: bool) -> str:
    arrays = [development.x, development.y, sealed.x, sealed.y]
    if padded:
        arrays += [part.lengths for part in (development, sealed) if part.lengths is not None]
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype.str} ".encode())
        digest.update(array.data.cast("B"))
    return digest.hexdigest()[:16]
