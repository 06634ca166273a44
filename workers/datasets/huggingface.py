"""Hugging Face: `huggingface:NAME[:CONFIG]` from its hub, or `huggingface:/FOLDER` that `save_to_disk` wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from spaces.errors import InvalidInput
from workers.datasets.dataset import Dataset
from workers.datasets.huggingface_columns import Splits, read_columns
from workers.datasets.optional_library import optional_library

PREFIX = "huggingface:"
VALIDATION = ("validation", "valid", "val", "dev")
"""Splits that are joined to the train rows: rows to validate on are drawn from all."""


def load_huggingface(source: str, modality: str | None = None, target: str | None = None, **options: Any) -> Dataset:
    """The data set that Hugging Face's `datasets` reads; its columns tell what the rows are.

    A column of images makes images; one of lists or 2-D arrays makes series, or tokens where the lists are of integers;
    else numbers and texts make a table. The split `test` is the sealed test; a validation split is joined to the train
    rows.

    Args:
        source: `huggingface:NAME`, `huggingface:NAME:CONFIG` or `huggingface:/FOLDER`.
        modality: what the user takes the rows for.
        target: the column that is predicted; the only `ClassLabel` by default.
        options: further ones of `from_arrays`.

    Raises:
        InvalidInput: the library is missing, the set cannot be loaded, or its columns are not usable.
    """
    library = optional_library("datasets", "datasets", "huggingface", source)
    splits = _splits(library, source)
    return read_columns(splits, target or _only_class_label(splits), modality, **options)


def names_folder(source: str) -> bool:
    """Whether a `huggingface:` source names a folder rather than a set on the hub."""
    return source.removeprefix(PREFIX).startswith(("/", "."))


def _splits(library: Any, source: str) -> Splits:
    loaded = _loaded(library, source)
    name = Path(source.removeprefix(PREFIX).replace(":", "-")).name or "huggingface"
    if not isinstance(loaded, dict):
        return Splits(name, source, loaded, None)
    if "train" not in loaded:
        found = ", ".join(map(repr, loaded)) or "none"
        raise InvalidInput(f"{source}: found splits {found}: expected 'train', and 'test' for the sealed test")
    joined = [split for split in VALIDATION if split in loaded]
    others = [split for split in loaded if split not in ("train", "test", *joined)]
    notes = [f"the rows of split {split!r} were joined to those of 'train'" for split in joined]
    notes += [f"split {split!r} was left out" for split in others]
    parts = {split: loaded[split] for split in ("train", *joined)}
    starts = tuple(accumulate(map(len, parts.values())))
    return Splits(name, source, _joined(library, source, parts), loaded.get("test"), tuple(notes), starts)


def _joined(library: Any, source: str, splits: dict[str, Any]) -> Any:
    """The rows of all of them, which the library would fill with gaps where their columns differ."""
    train = splits["train"]
    for split, rows in splits.items():
        if rows.features != train.features:
            found, expected = (", ".join(map(repr, each.features)) for each in (rows, train))
            what = f"found columns {found}, expected {expected}, of the same types"
            raise InvalidInput(f"{source}: splits 'train' and {split!r} cannot be joined: {what}")
    return library.concatenate_datasets(list(splits.values()))


def _loaded(library: Any, source: str) -> Any:
    """A set of the library, or one a split."""
    name = source.removeprefix(PREFIX)
    if names_folder(source):
        with _one_line(f"{source}: cannot be read", "a folder that save_to_disk wrote"):
            return library.load_from_disk(str(Path(name).absolute()))
    with _one_line(
        f"{source}: cannot be loaded", "the name of a set on the hub and a connection, or a copy of it here"
    ):
        return library.load_dataset(*name.split(":", 1))


@contextmanager
def _one_line(found: str, expected: str) -> Iterator[None]:
    """Whatever the library raises of a stranger's data or of the network, told in one line."""
    try:
        yield
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InvalidInput(f"{found} ({reason}): expected {expected}") from error


def _only_class_label(splits: Splits) -> str:
    found = [name for name, feature in splits.train.features.items() if type(feature).__name__ == "ClassLabel"]
    if len(found) != 1:
        of = f"ClassLabel columns {', '.join(map(repr, found))}" if found else "no ClassLabel column"
        columns = ", ".join(map(repr, splits.train.features))
        raise InvalidInput(f"{splits.where}: found {of} among {columns}: expected the name of the target column")
    return found[0]
