"""Dataset: the rows of one task, checked and stored once; which rows are the sealed test is fixed here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from spaces.shapes import Kind, Task
from workers.datasets.column import Column
from workers.datasets.features import grid_of, modality_of, noted_constants
from workers.datasets.kinds import kind_of_arrays
from workers.datasets.labels import classes_of, noted_unseen
from workers.datasets.part import Given, Part, Targets, Values
from workers.datasets.sealing import check_development_rows, check_rows_to_seal, sealed_rows
from workers.datasets.targets import check_r2, check_varied
from workers.datasets.tokens import vocabulary_of
from workers.metric import Metric, metric_of


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """The development rows (everything but the sealed test), the sealed test, and what they are.

    Attributes:
        name: registered name, or stem of the file.
        modality: `"image"`, `"series"`, `"tabular"` or `"tokens"`.
        metric: what candidates are compared by on these rows.
        task: grid of a row, what is predicted of it, and how many classes, numbers (one) or tokens may be; the
            vocabulary of tokens is the largest id in any row and one more.
        x: development rows, C-contiguous: float32 `(n, *positions, channels)`, int64 tokens `(n, steps)`, or uint8
            `(n, height, width, channels)` of images that are mapped from a file. NaN is a number that a table from a
            file does not have.
        y: what is predicted of them: class indices `(n,)`, int64 from 0 to `classes - 1`; for regression, float32
            numbers `(n,)`; for next tokens, int64 `(n, steps)`, at each step the token after the one in `x`. Zeros
            stand behind the end of a row, and are to be ignored.
        x_test: rows of the sealed test.
        y_test: what is predicted of them; -1 is a class that no development row has.
        lengths: steps of each development row that hold data, `(n,)`, at least 1 each; behind them the row is zero.
            `None`, like `lengths_test`, where every row of both parts is full.
        lengths_test: the same of the sealed test.
        labels: the user's label of each class index; none of numbers and of tokens.
        columns: of a table with named columns, how each of those of use became features.
        fingerprint: 16 hexadecimal digits that tell these arrays from any others.
        notes: what a person should know of how rows were read, such as what was done with a column of a table.
    """

    name: str
    modality: str
    metric: Metric
    task: Task
    x: Values = field(repr=False)
    y: Targets = field(repr=False)
    x_test: Values = field(repr=False)
    y_test: Targets = field(repr=False)
    lengths: NDArray[np.int64] | None = field(default=None, repr=False)
    lengths_test: NDArray[np.int64] | None = field(default=None, repr=False)
    labels: tuple[str, ...] = field(repr=False)
    columns: tuple[Column, ...] = field(default=(), repr=False)
    fingerprint: str
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def summary(self) -> str:
        """What a person should see before hours are spent: how the rows were understood."""
        shape = " × ".join(str(extent) for extent in (*self.task.grid.positions, self.task.grid.channels))
        row = f"{self.task.grid.length} tokens of {self.task.vocabulary}" if self.task.vocabulary else shape
        rows = f"{self.name}: {self.modality}, {len(self.y):,} rows of {row}"
        aim = f"predicts {self._predicted}; scored by {self.metric.name}"
        return f"{rows}; {len(self.y_test):,} more are the sealed test; {aim}"

    @property
    def _predicted(self) -> str:
        if self.task.kind is Kind.NEXT_TOKEN:
            return "the token after each"
        if self.task.kind is Kind.CLASSIFICATION:
            return f"one of {self.task.outputs} classes"
        low, high, mean, deviation = (float(each) for each in (self.y.min(), self.y.max(), *_moments(self.y)))
        return f"numbers from {low:.4g} to {high:.4g} (mean {mean:.3g}, sd {deviation:.3g})"

    def scored_by(self, metric: str | None) -> Dataset:
        """The same rows with this metric, or the default of their kind of task.

        Raises:
            InvalidInput: their kind of task has no such metric, or it is not defined of these rows.
        """
        deviation = _moments(self.y)[1] if self.task.kind is Kind.REGRESSION else 1.0
        chosen = metric_of(self.task.kind, metric, outputs=self.task.outputs, deviation=deviation)
        if chosen.name == "r2":
            check_r2(self.y, self.y_test)
        return replace(self, metric=chosen)


def from_arrays(
    name: str,
    x: ArrayLike,
    y: ArrayLike | None,
    x_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    *,
    lengths: ArrayLike | None = None,
    lengths_test: ArrayLike | None = None,
    modality: str | None = None,
    task: str | None = None,
    metric: str | None = None,
    may_miss: bool = False,
    where: str | None = None,
) -> Dataset:
    """Checks arrays and makes them a data set; messages call them by their names in a file, `x_train` and so on.

    Args:
        name: what the data set is called.
        x: images `(n, channels, height, width)`, float series `(n, steps, channels)`, a float table `(n, features)` or
            integer tokens `(n, steps)`.
        y: one class label a row: integers, strings, booleans or floats that are whole numbers; or one number a row;
            `None` where each token of `x` is predicted from those before it.
        x_test: rows of the sealed test; without them a fifth of `x` is sealed, stratified and always the same rows.
        y_test: as `y`.
        lengths: for series and tokens, how many steps of each row hold data, `(n,)`; without them, all do.
        lengths_test: the same for `x_test`.
        modality: `"image"`, `"series"`, `"tabular"` or `"tokens"`; inferred where it is not given.
        task: `"classification"`, `"regression"` or `"next_token"`; inferred where it is not given: fractions in `y` are
            numbers to predict.
        metric: name of what candidates are compared by, see `workers.metric.METRICS`; without one the first of the
            task's, of which `Dataset.scored_by` can still tell whether it goes with these rows.
        may_miss: whether NaN may stand for a missing number.
        where: what messages call the source; `name` by default.

    Raises:
        InvalidInput: an array is not usable; the line says which, what was found and what was expected.
    """
    try:
        kind = kind_of_arrays(y, task)
        train = Given.checked("train", x, y, lengths, kind)
        test = _given_test(x_test, y_test, lengths_test, kind)
        modality = _modality_of(train, modality, kind)
        classes = classes_of(train.y) if train.y is not None and kind is Kind.CLASSIFICATION else ()
        development = train.stored(modality, classes, may_miss)
        array = "x_train" if kind is Kind.NEXT_TOKEN else "y_train"
        notes: tuple[str, ...] = ()
        if test is None:
            check_rows_to_seal(development.y, classes, array, ", or an x_test of its own")
            development, sealed = (development.take(rows) for rows in sealed_rows(development.y))
        else:
            check_development_rows(development.y, classes, array)
            test.check_like(train)
            sealed = test.stored(modality, classes, may_miss)
            notes = noted_unseen(sealed.y, test.y, classes) if test.y is not None and classes else ()
        notes += _checked_contents(development, modality, kind)
    except InvalidInput as error:
        raise InvalidInput(f"{where or name}: {error}") from error
    dataset = _stored(name, modality, kind, development, sealed, classes, notes)
    return dataset if metric is None else dataset.scored_by(metric)


def _modality_of(train: Given, wanted: str | None, kind: Kind) -> str:
    modality = modality_of(train.x, wanted)
    if kind is Kind.NEXT_TOKEN and modality != "tokens":
        raise InvalidInput(
            f"x_train is {train.x.ndim}-D {train.x.dtype}, modality {modality!r}, without y_train: "
            "expected y_train, or integer tokens (n, steps) to be predicted themselves"
        )
    return modality


def _checked_contents(development: Part, modality: str, kind: Kind) -> tuple[str, ...]:
    """What there is to say of the development rows, which must differ in what is read and in what is predicted."""
    if kind is Kind.REGRESSION:
        check_varied(development.y)
    return () if development.varies_in_length else noted_constants(development.x, modality)


def _given_test(x: ArrayLike | None, y: ArrayLike | None, lengths: ArrayLike | None, kind: Kind) -> Given | None:
    if x is None and y is None and lengths is None:
        return None
    if kind is Kind.NEXT_TOKEN and y is not None:
        raise InvalidInput("found y_test without y_train: expected both or neither")
    if x is not None and (y is not None or kind is Kind.NEXT_TOKEN):
        return Given.checked("test", x, y, lengths, kind)
    found, missing = ("y_test", "x_test") if x is None else ("x_test", "y_test")
    raise InvalidInput(
        f"found {found if lengths is None else 'length_test'} without {missing}: expected both or neither"
    )


def _stored(
    name: str,
    modality: str,
    kind: Kind,
    development: Part,
    sealed: Part,
    labels: tuple[str, ...],
    notes: tuple[str, ...],
) -> Dataset:
    vocabulary = None
    if modality == "tokens":
        followers = [development.y, sealed.y] if kind is Kind.NEXT_TOKEN else []
        vocabulary = vocabulary_of(development.x, sealed.x, *followers)
    outputs = vocabulary if vocabulary and kind is Kind.NEXT_TOKEN else len(labels) or 1
    padded = development.padded or sealed.padded
    return Dataset(
        name=name,
        modality=modality,
        metric=metric_of(kind, outputs=outputs),
        task=Task(grid_of(development.x, modality), outputs, vocabulary, kind),
        x=development.x,
        y=development.y,
        x_test=sealed.x,
        y_test=sealed.y,
        lengths=development.lengths if padded else None,
        lengths_test=sealed.lengths if padded else None,
        labels=labels,
        fingerprint=_fingerprint(development, sealed, padded),
        notes=notes,
    )


def _moments(y: Targets) -> tuple[float, float]:
    """Mean and standard deviation of numbers, summed in float64."""
    return float(y.mean(dtype=np.float64)), float(y.std(dtype=np.float64))


def _fingerprint(development: Part, sealed: Part, padded: bool) -> str:
    arrays = [development.x, development.y, sealed.x, sealed.y]
    if padded:
        arrays += [part.lengths for part in (development, sealed) if part.lengths is not None]
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype.str} ".encode())
        digest.update(array.data.cast("B"))
    return digest.hexdigest()[:16]
