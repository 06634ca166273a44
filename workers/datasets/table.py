"""Tables: a file of named columns, one of which holds the classes."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spaces.errors import InvalidInput
from workers.datasets.columns import encode, kind_of
from workers.datasets.dataset import DEVELOPMENT_ROWS, SEALED_ROWS, Dataset, from_arrays, sealed_rows
from workers.datasets.labels import check_class_sizes, checked_labels, class_indices, classes_of
from workers.datasets.table_file import read_table

_CLASSES = "text, booleans or whole numbers"


def load_table(path: str | Path, target: str) -> Dataset:
    """The data set in a .csv, .tsv or .parquet file, named after the file's stem.

    A stratified fifth of the rows is sealed; `Dataset.notes` says what was done with each column.

    Args:
        path: of the file.
        target: the column that holds the classes.

    Raises:
        InvalidInput: the file cannot be read, or its columns are not usable.
    """
    path = Path(path)
    where = str(path) if str(path).isprintable() else repr(str(path))  # a message is one line
    try:
        table = read_table(path)
        labels = _labels(table, target)
        development, sealed = _split(labels, f"target {target!r}")
        x, notes = encode(table.drop(columns=target), development)
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from error
    rows = (x[development], labels[development], x[sealed], labels[sealed])
    return replace(from_arrays(path.stem, *rows, modality="tabular", may_miss=True, where=where), notes=notes)


def _labels(table: pd.DataFrame, target: str) -> NDArray[np.generic]:
    """The classes of all rows, `(n,)`."""
    if target not in table.columns:
        raise InvalidInput(_unknown(target, list(table.columns)))
    column = table[target]
    missing = np.flatnonzero(column.isna())
    if len(missing):
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        raise InvalidInput(f"target {target!r} is missing in row {missing[0] + 1}{more}: expected a class in every row")
    kind = kind_of(column)
    if kind == "text":
        return column.to_numpy(dtype=np.str_)
    if kind != "number":
        raise InvalidInput(f"target {target!r} holds {kind}: expected classes ({_CLASSES})")
    numbers = column.infer_objects().to_numpy()
    if numbers.dtype.kind == "f":
        _check_whole(numbers, target)
    return checked_labels(f"target {target!r}", numbers)


def _check_whole(numbers: NDArray[np.floating], target: str) -> None:
    fractions = ~np.isfinite(numbers) | (numbers != np.floor(numbers))
    if fractions.any():
        row = int(fractions.argmax())
        raise InvalidInput(
            f"target {target!r} is {numbers[row]} in row {row + 1}: "
            f"regression is not supported yet, expected classes ({_CLASSES})"
        )


def _split(labels: NDArray[np.generic], what: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Development rows and sealed rows, as many of each class as training and its check need."""
    classes = classes_of(labels, what)
    y = class_indices(what, labels, classes)
    needed = f"({DEVELOPMENT_ROWS} to develop and {SEALED_ROWS} for the sealed test)"
    check_class_sizes(y, classes, DEVELOPMENT_ROWS + SEALED_ROWS, needed, what)
    return sealed_rows(y)


def _unknown(target: str, columns: list[str]) -> str:
    near = difflib.get_close_matches(target, columns, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    known = ", ".join(repr(name) for name in columns[:8]) + (", …" if len(columns) > 8 else "")
    return f"unknown column {target!r}: expected one of {known}{hint}"
