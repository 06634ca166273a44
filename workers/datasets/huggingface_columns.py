"""Columns of Hugging Face's sets: which of them are the rows, and the arrays that these become."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spaces.errors import InvalidInput
from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.images import PictureSource
from workers.datasets.labels import text_labels
from workers.datasets.numbering import numbered, row_numbers
from workers.datasets.picture import FORMATS, Picture

_IMAGES = ("Image",)
_LISTS = ("List", "LargeList", "Sequence", "Array2D")
_VALUES = ("Value", "ClassLabel")


@dataclass(frozen=True)
class Splits:
    """What a set is divided into.

    Attributes:
        name: of the data set.
        where: what messages call the source.
        train: a `datasets.Dataset` of rows to develop on, and for the sealed test where there is no `test`.
        test: a `datasets.Dataset` of the sealed test.
        notes: what was done so far.
        starts: rows of `train` at which a split begins that was joined to it, or ends.
    """

    name: str
    where: str
    train: Any
    test: Any = None
    notes: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()

    @property
    def parts(self) -> list[tuple[str, Any]]:
        """The one or two sets, by name."""
        return [("train", self.train), *([] if self.test is None else [("test", self.test)])]


@dataclass(frozen=True)
class _Reading:
    """One way to read columns, and what it needs."""

    splits: Splits
    target: str
    columns: list[str]
    modality: str | None
    options: dict[str, Any]


def read_columns(splits: Splits, target: str, modality: str | None = None, **options: Any) -> Dataset:
    """The data set of the columns that can be read.

    Args:
        splits: rows as the library gives them.
        target: the column that is predicted.
        modality: what the user takes the rows for.
        options: further ones of `from_arrays`.

    Raises:
        InvalidInput: there is no row, no such target, or no column to predict it from.
    """
    if len(splits.train) == 0:
        raise InvalidInput(f"{splits.where}: split 'train' has no rows: expected some to develop on")
    features = splits.train.features
    if target not in features:
        known = ", ".join(map(repr, features))
        raise InvalidInput(f"{splits.where}: unknown column {target!r}: expected one of {known}")
    read, columns = _readable(splits, target)
    left_out = [name for name in features if name not in (target, *columns)]
    notes = (f"columns left out: {', '.join(map(repr, left_out))}",) if left_out else ()
    splits = _without_unlabelled_test(replace(splits, notes=splits.notes + notes), target)
    _check_test(splits, columns)
    return read(_Reading(splits, target, columns, modality, {"where": splits.where, **options}))


def _readable(splits: Splits, target: str) -> tuple[Callable[[_Reading], Dataset], list[str]]:
    """How the rows are read, and from which columns."""
    for what, types, read in (("images", _IMAGES, _images), ("lists", _LISTS, _lists), ("values", _VALUES, _table)):
        features = splits.train.features.items()
        columns = [name for name, feature in features if type(feature).__name__ in types and name != target]
        if len(columns) > 1 and what != "values":
            raise InvalidInput(f"{splits.where}: found columns {', '.join(map(repr, columns))} of {what}: expected one")
        if columns:
            return read, columns
    raise InvalidInput(f"{splits.where}: found no column of images, lists, numbers or texts beside {target!r}")


def _images(reading: _Reading) -> Dataset:
    splits = reading.splits
    parts = [_pictures(reading, split, rows) for split, rows in splits.parts]
    identity = " ".join(rows._fingerprint for _, rows in splits.parts)
    source = PictureSource(splits.name, splits.where, parts[0], (*parts, None)[1], identity, splits.notes)
    return source.dataset(reading.modality, **reading.options)


def _pictures(reading: _Reading, split: str, rows: Any) -> list[Picture]:
    column = reading.columns[0]
    encoded = rows.select_columns([column])
    encoded = encoded.cast_column(column, type(rows.features[column])(decode=False))  # ours is the one with limits
    labels = _labels(reading, split, rows).tolist()
    return [
        Picture(f"{reading.splits.where}, {split} row {row + 1}", partial(_opened, encoded, row, column), label)
        for row, label in enumerate(labels)
    ]


def _opened(encoded: Any, row: int, column: str) -> Image.Image:
    image = encoded[row][column]
    return Image.open(image["path"] if image["bytes"] is None else io.BytesIO(image["bytes"]), formats=FORMATS)


def _lists(reading: _Reading) -> Dataset:
    """Series, or tokens where they are lists of integers; the shorter ones padded."""
    parts = [_rows(reading, split, rows) for split, rows in reading.splits.parts]
    lengths = [np.array([len(row) for row in part]) for part in parts]
    longest = max(int(part.max(initial=0)) for part in lengths)
    x = [_padded(part, longest) for part in parts]
    y = [_labels(reading, split, rows) for split, rows in reading.splits.parts]
    options = {**reading.options, "modality": reading.modality}
    if any((part < longest).any() for part in lengths):
        options.update(zip(("lengths", "lengths_test"), lengths, strict=False))
    return _noted(from_arrays(reading.splits.name, x[0], y[0], *x[1:], *y[1:], **options), reading.splits.notes)


def _rows(reading: _Reading, split: str, rows: Any) -> list[NDArray[Any]]:
    """The column's lists, `(steps,)` of integers or `(steps, channels)` of floats."""
    column = reading.columns[0]
    feature = rows.features[column]
    while hasattr(feature, "feature"):
        feature = feature.feature
    is_whole, arrays = "int" in str(getattr(feature, "dtype", "")), []  # a dict of features has no type
    for row, values in enumerate(rows[column]):
        try:
            array = np.asarray(values, np.int64 if is_whole else np.float32)
        except (TypeError, ValueError, OverflowError) as error:
            found = f"column {column!r} in row {row + 1} of {split} ({error})"
            raise InvalidInput(f"{reading.splits.where}: {found}: expected numbers, as many a step") from error
        arrays.append(array[:, None] if array.ndim == 1 and not is_whole else array)
    if len({array.shape[1:] for array in arrays}) > 1:
        raise InvalidInput(
            f"{reading.splits.where}: column {column!r} differs in numbers a step: expected as many in all"
        )
    return arrays


def _padded(rows: list[NDArray[Any]], steps: int) -> NDArray[Any]:
    x = np.zeros((len(rows), steps, *rows[0].shape[1:]), rows[0].dtype)
    for values, row in zip(x, rows, strict=True):
        values[: len(row)] = row
    return x


def _table(reading: _Reading) -> Dataset:
    import pandas as pd  # here and below: a worker that only trains need not wait for it

    from workers.datasets.columns import encode

    splits = reading.splits
    labels = [_labels(reading, split, rows) for split, rows in splits.parts]
    tables = [_frame(rows.select_columns(reading.columns)) for _, rows in splits.parts]
    rows = numbered(splits.name, labels[0], (*labels, None)[1], **reading.options)
    development, sealed = row_numbers(rows.x), row_numbers(rows.x_test)
    if len(tables) > 1:
        sealed = sealed + len(tables[0])
    table, y = pd.concat(tables, ignore_index=True), np.concatenate(labels)
    try:
        x, columns, notes = encode(table, development, (*splits.starts, len(tables[0])))
    except InvalidInput as error:
        raise InvalidInput(f"{splits.where}: {error}") from error
    options = {**reading.options, "modality": reading.modality or "tabular", "task": rows.task.kind}
    parts = (x[development], y[development], x[sealed], y[sealed])
    dataset = from_arrays(splits.name, *parts, may_miss=True, **options)
    told = (*splits.notes, *rows.notes, *(f"column {note}" for note in notes))
    return replace(dataset, columns=columns, notes=told)


def _frame(rows: Any) -> Any:
    """The values as pandas has them, classes by their names."""
    table = rows.to_pandas()
    for name, feature in rows.features.items():
        if type(feature).__name__ == "ClassLabel":
            table[name] = table[name].map(dict(enumerate(feature.names)))
    return table


def _labels(reading: _Reading, split: str, rows: Any) -> NDArray[np.generic]:
    """What is predicted of each row; classes by their names."""
    labels = _known_labels(rows, reading.target)
    if None in labels:
        row = labels.index(None) + 1
        raise InvalidInput(
            f"{reading.splits.where}: {reading.target!r} is missing in row {row} of {split}: expected it"
        )
    if isinstance(labels[0], str):
        return text_labels(f"{reading.splits.where}: {reading.target!r} of {split}", labels)
    try:
        return np.asarray(labels)
    except ValueError as error:
        found = f"{reading.target!r} of {split} is ragged"
        raise InvalidInput(f"{reading.splits.where}: {found}: expected one label or number a row") from error


def _known_labels(rows: Any, target: str) -> list[Any]:
    """What is to be predicted of each row; `None` where that is missing, which in classes is told by -1."""
    labels, names = list(rows[target]), getattr(rows.features[target], "names", None)
    if names is None:
        return labels
    return [names[label] if label is not None and label >= 0 else None for label in labels]


def _without_unlabelled_test(splits: Splits, target: str) -> Splits:
    """The splits without a test whose labels nobody was given, as those of competitions."""
    test = splits.test
    if test is None or (target in test.features and any(label is not None for label in _known_labels(test, target))):
        return splits
    return replace(splits, test=None, notes=(*splits.notes, "split 'test' has no labels and was left out"))


def _check_test(splits: Splits, columns: list[str]) -> None:
    """Refuses a test whose columns are not those of the train rows."""
    for name in columns if splits.test is not None else ():
        found, expected = (type(rows.features.get(name)).__name__ for _, rows in reversed(splits.parts))
        if found != expected:
            has = "no column" if found == "NoneType" else f"a {found} as column"
            raise InvalidInput(f"{splits.where}: split 'test' has {has} {name!r}: expected a {expected}, as in 'train'")


def _noted(dataset: Dataset, notes: tuple[str, ...]) -> Dataset:
    return replace(dataset, notes=(*notes, *dataset.notes))
