"""Real data sets, where the shared folder beside the repository is present."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spaces.errors import InvalidInput
from spaces.shapes import Grid, Task
from workers.datasets import divide, load_dataset

SHARED = Path(__file__).parents[3].parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder shared/data beside the repository is absent")


@pytest.mark.parametrize(
    ("name", "modality", "task", "rows"),
    [
        ("fashion_mnist_12k", "image", Task(Grid((28, 28), 1), 10), (12000, 5000)),
        ("mnist1d", "series", Task(Grid((40,), 1), 10), (4000, 1000)),
        ("pendigits", "series", Task(Grid((8,), 2), 10), (7494, 3498)),
    ],
)
def test_real_sets_load(name: str, modality: str, task: Task, rows: tuple[int, int]) -> None:
    """Images and series of one length are recognized, stored whole and divided 70/15/15."""
    dataset = load_dataset(str(SHARED / f"{name}.npz"))

    assert (dataset.name, dataset.modality, dataset.task) == (name, modality, task)
    assert (len(dataset.x), len(dataset.x_test)) == rows
    assert np.ptp(dataset.x) > 0
    division = divide(dataset.y, 0)
    assert len(division.search) == len(division.confirm) == round(0.15 * rows[0])


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("japanese_vowels", r"found length_train and length_test: variable-length series are not supported"),
        ("basic_motions", r"found length_train and length_test: variable-length series are not supported"),
        ("dna_splice", r"x_train is 2-D uint8, shape \(2200, 60\), which means tokens: tokens are not supported"),
        ("names", r"x_train is 2-D uint8, shape \(13061, 20\), which means tokens: tokens are not supported"),
    ],
)
def test_real_sets_of_other_kinds_are_refused(name: str, line: str) -> None:
    """Variable-length series and tokens are refused in one line that names the file, not misread."""
    with pytest.raises(InvalidInput, match=rf"{name}\.npz: {line}"):
        load_dataset(str(SHARED / f"{name}.npz"))
