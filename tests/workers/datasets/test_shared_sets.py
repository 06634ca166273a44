"""Real data sets, where the shared folder beside the repository is present."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

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
        ("basic_motions", "series", Task(Grid((100,), 6), 4), (40, 40)),
        ("japanese_vowels", "series", Task(Grid((29,), 12), 9), (270, 370)),
        ("dna_splice", "tokens", Task(Grid((60,), 1), 3, 4), (2200, 986)),
    ],
)
def test_real_sets_load(name: str, modality: str, task: Task, rows: tuple[int, int]) -> None:
    """Images, series and tokens are recognized, stored whole and divided 70/15/15."""
    dataset = load_dataset(str(SHARED / f"{name}.npz"))

    assert (dataset.name, dataset.modality, dataset.task) == (name, modality, task)
    assert (len(dataset.x), len(dataset.x_test)) == rows
    assert np.ptp(dataset.x) > 0
    division = divide(dataset.y, 0)
    assert len(division.search) == len(division.confirm)
    assert abs(len(division.search) - 0.15 * rows[0]) <= 0.5


def test_the_vowels_differ_in_length() -> None:
    """Utterances of 7 to 29 steps keep their lengths; motions that all have 100 steps have none."""
    vowels, motions = (load_dataset(str(SHARED / f"{name}.npz")) for name in ("japanese_vowels", "basic_motions"))

    assert (vowels.lengths.min(), vowels.lengths.max(), vowels.lengths_test.max()) == (7, 26, 29)
    assert (vowels.x[np.arange(29) >= vowels.lengths[:, None]] == 0).all()
    assert (motions.lengths, motions.lengths_test) == (None, None)


def test_names_are_tokens_and_one_is_of_no_known_language() -> None:
    """The only name of its language stands in the test, where no prediction can be right: that is told."""
    dataset = load_dataset(str(SHARED / "names.npz"))

    assert (dataset.modality, dataset.task) == ("tokens", Task(Grid((20,), 1), 17, 30))
    assert (len(dataset.x), len(dataset.x_test), dataset.lengths) == (13061, 4354, None)
    assert np.flatnonzero(dataset.y_test == -1).tolist() == [2029]
    unseen = "a class that no training row has: counted as wrong, in auroc as of no class"
    assert dataset.notes == (f"1 of 4,354 test rows has {unseen}",)
