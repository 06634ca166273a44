"""Location: the path in the name of a data set, made absolute so that a study finds its data from anywhere."""

from __future__ import annotations

import os
from pathlib import Path

from workers.datasets import huggingface, torchvision_set
from workers.datasets.registry import DATASETS

FILE_ENDINGS = (".npz", ".csv", ".tsv", ".parquet")


def located(source: str, folder: Path) -> str:
    """The source with its path, if it has one, as seen from a folder.

    Args:
        source: what `load_dataset` takes.
        folder: where a relative path begins, absolute.
    """
    if source.startswith(huggingface.PREFIX):
        path = source.removeprefix(huggingface.PREFIX)
        return huggingface.PREFIX + str(folder / path) if huggingface.names_folder(source) else source
    if source.startswith(torchvision_set.PREFIX):
        name, _, root = source.removeprefix(torchvision_set.PREFIX).partition(":")
        return f"{torchvision_set.PREFIX}{name}:{folder / root}" if root else source
    is_file = Path(source).suffix.lower() in FILE_ENDINGS
    is_folder = source not in DATASETS and os.path.isdir(folder / source)
    return str(folder / source) if is_file or is_folder else source
