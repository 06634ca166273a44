"""Data sets: where the rows come from, which of them are the sealed test, and how the others are divided."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from spaces.errors import InvalidInput
from workers.datasets.dataset import Dataset, from_arrays
from workers.datasets.division import Division, divide
from workers.datasets.huggingface import PREFIX as HUGGINGFACE
from workers.datasets.huggingface import load_huggingface
from workers.datasets.image_folder import load_image_folder
from workers.datasets.kinds import kind_named
from workers.datasets.location import located
from workers.datasets.npz import load_npz
from workers.datasets.registry import DATASETS
from workers.datasets.standardization import Standardization
from workers.datasets.torchvision_set import PREFIX as TORCHVISION
from workers.datasets.torchvision_set import load_torchvision

__all__ = [
    "DATASETS",
    "Dataset",
    "Division",
    "Standardization",
    "divide",
    "from_arrays",
    "load_dataset",
    "load_npz",
    "located",
]

_TABLES = (".csv", ".tsv", ".parquet")
_FILE = "the path of an .npz, .csv, .tsv or .parquet file or of a folder of images"


def load_dataset(
    source: str,
    modality: str | None = None,
    target: str | None = None,
    task: str | None = None,
    metric: str | None = None,
) -> Dataset:
    """The data set that a user named.

    Args:
        source: a registered name, the path of a file that ends in `.npz`, `.csv`, `.tsv` or `.parquet` or of a folder
            of images by class, `huggingface:NAME[:CONFIG]`, `huggingface:/FOLDER` or `torchvision:NAME[:ROOT]`.
        modality: what the rows are; inferred where it is not given. That of a registered set and of a table is fixed.
        target: of a .csv, .tsv or .parquet file or a Hugging Face set, the column that is predicted.
        task: what is predicted: `"classification"`, `"regression"` or `"next_token"`; inferred where it is not given.
        metric: what candidates are compared by, see `workers.metric.METRICS`; by default the first of the task's.

    Raises:
        InvalidInput: the source is neither, or its data are not usable.
    """
    wanted = None if task is None else kind_named(task)
    dataset = _loaded(source, modality, target, wanted)
    if wanted not in (None, dataset.task.kind):
        raise InvalidInput(f"found task {str(wanted)!r} for {source}: expected {str(dataset.task.kind)!r}")
    try:
        return dataset.scored_by(metric or dataset.metric.name)
    except InvalidInput as error:
        raise InvalidInput(f"{source}: {error}") from error


def _loaded(source: str, modality: str | None, target: str | None, task: str | None) -> Dataset:
    if source.startswith(HUGGINGFACE):
        return load_huggingface(source, modality, target, task=task)
    if Path(source).suffix.lower() in _TABLES and not source.startswith(TORCHVISION):
        return _table(source, modality, target, task)
    if target is not None:
        raise InvalidInput(
            f"found target {target!r} for {source!r}: expected one with .csv, .tsv and .parquet files and "
            "Hugging Face sets only"
        )
    if source.startswith(TORCHVISION):
        return load_torchvision(source, modality, task=task)
    if Path(source).suffix.lower() == ".npz":
        return load_npz(source, modality, task)
    if os.path.isdir(source) and source not in DATASETS:
        return load_image_folder(source, modality, task=task)
    dataset = _registered(source)()
    if modality not in (None, dataset.modality):
        raise InvalidInput(
            f"found modality {modality!r} for {source}: expected {dataset.modality!r}, as it is registered"
        )
    return dataset


def _table(source: str, modality: str | None, target: str | None, task: str | None) -> Dataset:
    if modality not in (None, "tabular"):
        raise InvalidInput(f"found modality {modality!r} for {source!r}: expected 'tabular', as every table is")
    if target is None:
        raise InvalidInput(f"found {source!r} without a target: expected the name of the column that is predicted")
    from workers.datasets.table import load_table  # pandas, which a worker that only trains need not wait for

    return load_table(source, target, task)


def _registered(source: str) -> Callable[[], Dataset]:
    try:
        return DATASETS[source]
    except InvalidInput as error:
        raise InvalidInput(_neither(source, str(error))) from error


def _neither(source: str, unknown_name: str) -> str:
    """What to say of a source that is no registered name and does not end as data files do."""
    expected = f"expected {_FILE}, or a registered name ({', '.join(DATASETS.names())})"
    if os.path.isfile(source):
        return f"{source!r}: found a file that ends otherwise: {expected}"
    if len(Path(source).parts) > 1 or Path(source).suffix:
        return f"{source!r}: no such file: {expected}"
    return f"{unknown_name}; or {_FILE}"
