"""Data sets: where the rows come from, which of them are the sealed test, and how the others are divided."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from spaces.errors import InvalidInput
from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.division import Division, divide
from workers.datasets.npz import load_npz
from workers.datasets.registry import DATASETS
from workers.datasets.standardization import Standardization

__all__ = [
    "DATASETS",
    "Dataset",
    "Division",
    "Standardization",
    "divide",
    "from_arrays",
    "is_file_name",
    "load_dataset",
    "load_npz",
]

_TABLES = (".csv", ".tsv", ".parquet")
_FILE = "the path of an .npz, .csv, .tsv or .parquet file"


def is_file_name(source: str) -> bool:
    """Whether a source names a file rather than a registered set."""
    return Path(source).suffix.lower() in (".npz", *_TABLES)


def load_dataset(source: str, modality: str | None = None, target: str | None = None) -> Dataset:
    """The data set that a user named.

    Args:
        source: a registered name, or the path of a file that ends in `.npz`, `.csv`, `.tsv` or `.parquet`.
        modality: what the rows are; inferred where it is not given. That of a registered set and of a table is fixed.
        target: of a .csv, .tsv or .parquet file, the column that holds the classes.

    Raises:
        InvalidInput: the source is neither, or its data are not usable.
    """
    if Path(source).suffix.lower() in _TABLES:
        return _table(source, modality, target)
    if target is not None:
        raise InvalidInput(
            f"found target {target!r} for {source!r}: expected one with .csv, .tsv and .parquet files only"
        )
    if Path(source).suffix.lower() == ".npz":
        return load_npz(source, modality)
    dataset = _registered(source)()
    if modality not in (None, dataset.modality):
        raise InvalidInput(
            f"found modality {modality!r} for {source}: expected {dataset.modality!r}, as it is registered"
        )
    return dataset


def _table(source: str, modality: str | None, target: str | None) -> Dataset:
    if modality not in (None, "tabular"):
        raise InvalidInput(f"found modality {modality!r} for {source!r}: expected 'tabular', as every table is")
    if target is None:
        raise InvalidInput(f"found {source!r} without a target: expected the name of the column that holds the classes")
    from workers.datasets.table import load_table  # pandas, which a worker that only trains need not wait for

    return load_table(source, target)


def _registered(source: str) -> Callable[[], Dataset]:
    try:
        return DATASETS[source]
    except InvalidInput as error:
        raise InvalidInput(_neither(source, str(error))) from error


def _neither(source: str, unknown_name: str) -> str:
    """What to say of a source that is no registered name and does not end as data files do."""
    expected = f"expected {_FILE}, or a registered name ({', '.join(DATASETS.names())})"
    if os.path.isdir(source):
        return f"{source!r}: found a folder: {expected}"
    if os.path.isfile(source):
        return f"{source!r}: found a file that ends otherwise: {expected}"
    if len(Path(source).parts) > 1 or Path(source).suffix:
        return f"{source!r}: no such file: {expected}"
    return f"{unknown_name}; or {_FILE}"
