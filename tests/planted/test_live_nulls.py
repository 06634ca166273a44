"""The studies of `make live-nulls`."""

from pathlib import Path

import numpy as np
import torch

from benchmarks.live_nulls import NAMES, same, shuffled
from spaces.operation_file import register_operations
from spaces.operations import OPERATIONS
from spaces.shapes import Grid
from workers.datasets import load_dataset


def test_names_share_an_operation_and_differ_in_the_luck_of_their_weights(tmp_path: Path):
    """Twins share a seed: without luck of its own each family would hold the very networks of the others."""
    register_operations([same(tmp_path, "dense")])
    operations = [OPERATIONS[f"{name}_dense"] for name in NAMES]
    weights = []
    for operation in operations:
        torch.manual_seed(0)
        weights.append(operation().build(Grid((), 4), {}).weight)
    assert [operation.family for operation in operations] == list(NAMES)
    assert len({tuple(weight.flatten().tolist()) for weight in weights}) == len(NAMES)


def test_labels_are_shuffled_and_pictures_are_as_they_were(tmp_path: Path):
    """The file is one that a study takes; as many pictures of each digit as before."""
    digits, dataset = load_dataset("digits"), load_dataset(str(shuffled(tmp_path, seed=0)))
    np.testing.assert_array_equal(dataset.x, digits.x)
    np.testing.assert_array_equal(np.bincount(dataset.y), np.bincount(digits.y))
    assert np.mean(dataset.y == digits.y) < 0.2  # a tenth agree by chance
