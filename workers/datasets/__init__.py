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

__all__ = ["DATASETS", "Dataset", "Division", "Standardization", "divide", "from_arrays", "load_dataset", "load_npz"]


def load_dataset(source: str, modality: str | None = None) -> Dataset:
    """The data set that a user named.

    Args:
        source: a registered name, or the path of a file that ends in `.npz`.
        modality: what the rows are; inferred where it is not given. That of a registered set is fixed.

    Raises:
        InvalidInput: the source is neither, or its data are not usable.
    """
    if Path(source).suffix.lower() == ".npz":
        return load_npz(source, modality)
    dataset = _registered(source)()
    if modality not in (None, dataset.modality):
        raise InvalidInput(
            f"found modality {modality!r} for {source}: expected {dataset.modality!r}, as it is registered"
        )
    return dataset


def _registered(source: str) -> Callable[[], Dataset]:
    try:
        return DATASETS[source]
    except InvalidInput as error:
        raise InvalidInput(_neither(source, str(error))) from error


def _neither(source: str, unknown_name: str) -> str:
    """What to say of a source that is no registered name and does not end in .npz."""
    expected = f"expected the path of an .npz file, or a registered name ({', '.join(DATASETS.names())})"
    if os.path.isdir(source):
        return f"{source!r}: found a folder: {expected}"
    if os.path.isfile(source):
        return f"{source!r}: found a file that does not end in .npz: {expected}"
    if len(Path(source).parts) > 1 or Path(source).suffix:
        return f"{source!r}: no such file: {expected}"
    return f"{unknown_name}; or the path of an .npz file"
