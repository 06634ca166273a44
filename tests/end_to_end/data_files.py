"""Data as users have them, each kind small enough to be searched in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
from PIL import Image

ROWS = 60
CLASSES = np.arange(ROWS) % 2


def noise(*shape: int) -> np.ndarray:
    """Random float32 numbers, `(ROWS, *shape)`, the same ones each time."""
    return np.random.default_rng(0).normal(size=(ROWS, *shape)).astype(np.float32)


def tokens(steps: int) -> np.ndarray:
    """Random ids from 0 to 4, int64 `(ROWS, steps)`, the same ones each time."""
    return np.random.default_rng(0).integers(0, 5, (ROWS, steps))


def archive(path: Path, **arrays: Any) -> str:
    """Writes an .npz file."""
    np.savez(path, **arrays)
    return str(path)


def table(path: Path, **columns: Any) -> str:
    """Writes a table in the format that its ending tells; a `None` leaves a column out."""
    size = noise(2)
    given = {"size": size[:, 0], "age": size[:, 1], "town": np.resize(["north", "south", "west"], ROWS), **columns}
    frame = pd.DataFrame({name: values for name, values in given.items() if values is not None})
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return str(path)


def gaps(values: Sequence[Any], every: int) -> list[Any]:
    """The values without one in so many."""
    return [None if row % every == 0 else value for row, value in enumerate(values)]


def image_folder(folder: Path, classes: Mapping[str, int], side: int = 5) -> str:
    """Draws so many PNG images a class."""
    pixels = np.random.default_rng(0)
    for name, count in classes.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            image = pixels.integers(0, 256, (side, side, 3), dtype=np.uint8)
            Image.fromarray(image).save(folder / name / f"{number:03}.png")
    return str(folder)


def saved_set(folder: Path, features: Mapping[str, Any], **columns: Sequence[Any]) -> str:
    """Has Hugging Face's library write a set, and names it as `penchant run` takes it."""
    datasets.disable_progress_bars()
    datasets.Dataset.from_dict(dict(columns), datasets.Features(features)).save_to_disk(folder)
    return f"huggingface:{folder}"
