"""Tables: a file of named columns, one of which, the target, holds the classes or the numbers to predict."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spaces.errors import InvalidInput
from spaces.shapes import Kind
from workers.datasets.columns import encode, kind_of
from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.kinds import has_fractions, kind_named
from workers.datasets.labels import checked_labels, class_indices, classes_of, text_labels
from workers.datasets.sealing import check_rows_to_seal, sealed_rows
from workers.datasets.table_file import read_table
from workers.datasets.targets import checked_targets

_CLASSES = "text, booleans or whole numbers"


def load_table(path: str | Path, target: str, task: str | None = None) -> Dataset:
    """The data set in a .csv, .tsv or .parquet file, named after the file's stem.

    A stratified fifth of the rows is sealed; `Dataset.notes` says what was done with each column.

    Args:
        path: of the file.
        target: the column that is predicted.
        task: `"classification"` or `"regression"`; inferred where it is not given: fractions are numbers to predict.

    Raises:
        InvalidInput: the file cannot be read, or its columns are not usable.
    """
    path = Path(path)
    where = str(path) if str(path).isprintable() else repr(str(path))  # a message is one line
    try:
        wanted = None if task is None else kind_named(task)
        table = read_table(path)
        kind, y = _predicted(table, target, wanted)
        development, sealed = _split(y, kind, f"target {target!r}")
        x, columns, notes = encode(table.drop(columns=target), development)
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from error
    rows = (x[development], y[development], x[sealed], y[sealed])
    dataset = from_arrays(path.stem, *rows, modality="tabular", task=kind, may_miss=True, where=where)
    return replace(dataset, columns=columns, notes=tuple(f"column {note}" for note in notes))


def _predicted(table: pd.DataFrame, target: str, wanted: Kind | None) -> tuple[Kind, NDArray[np.generic]]:
    """The kind of task, and the classes or float32 numbers of all rows, `(n,)`."""
    if target not in table.columns:
        raise InvalidInput(_unknown(target, list(table.columns)))
    column = table[target]
    missing = np.flatnonzero(column.isna())
    if len(missing):
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        raise InvalidInput(f"target {target!r} is missing in row {missing[0] + 1}{more}: expected it in every row")
    holds = kind_of(column)
    numbers = column.to_numpy(dtype=np.float64) if holds == "number" else None
    kind = wanted or (Kind.REGRESSION if numbers is not None and has_fractions(numbers) else Kind.CLASSIFICATION)
    if kind is Kind.NEXT_TOKEN:
        raise InvalidInput(f"found task {str(kind)!r}: expected classification or regression, as of every table")
    if kind is Kind.CLASSIFICATION:
        return kind, _labels(column, target, holds)
    if numbers is None:
        raise InvalidInput(f"target {target!r} holds {holds}: expected numbers for task 'regression'")
    _check_all(np.isfinite(numbers), numbers, target, "expected finite numbers for task 'regression'")
    return kind, checked_targets(f"target {target!r}", numbers)


def _labels(column: pd.Series, target: str, holds: str) -> NDArray[np.generic]:
    """The classes of all rows, `(n,)`."""
    if holds == "text":
        what = f"target {target!r}"
        return checked_labels(what, text_labels(what, [str(text) for text in column]))
    if holds != "number":
        raise InvalidInput(f"target {target!r} holds {holds}: expected classes ({_CLASSES}) or numbers")
    labels = column.infer_objects().to_numpy()
    if labels.dtype.kind == "f":
        whole = np.isfinite(labels) & (labels == np.floor(labels))
        _check_all(whole, labels, target, f"expected classes ({_CLASSES}), or task 'regression'")
    return checked_labels(f"target {target!r}", labels)


def _check_all(usable: NDArray[np.bool_], numbers: NDArray[np.floating], target: str, expected: str) -> None:
    if not usable.all():
        row = int(usable.argmin())
        raise InvalidInput(f"target {target!r} is {numbers[row]} in row {row + 1}: {expected}")


def _split(y: NDArray[np.generic], kind: Kind, what: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Development rows and sealed rows, as many as training and its check need."""
    classes = classes_of(y, what) if kind is Kind.CLASSIFICATION else ()
    predicted = class_indices(y, classes) if classes else y
    check_rows_to_seal(predicted, classes, what)
    return sealed_rows(predicted)


def _unknown(target: str, columns: list[str]) -> str:
    near = difflib.get_close_matches(target, columns, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    known = ", ".join(repr(name) for name in columns[:8]) + (", …" if len(columns) > 8 else "")
    return f"unknown column {target!r}: expected one of {known}{hint}"
