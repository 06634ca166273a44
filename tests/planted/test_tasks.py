"""The tasks of `make planted`."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.planted.tasks import TASKS
from search.components import contrasts_of
from spaces.space_file import load_space
from workers.datasets import load_dataset


@pytest.mark.parametrize("name", TASKS)
def test_a_study_takes_the_data_of_every_task(name: str, tmp_path: Path):
    """No class is much rarer than the others, so that guessing one is worth little."""
    arrays = TASKS[name].arrays(np.random.default_rng(0))
    np.savez(tmp_path / "task.npz", **arrays)
    data = load_dataset(str(tmp_path / "task.npz"))
    shares = np.bincount(data.y) / len(data.y)
    assert shares.max() < 1.5 / data.task.outputs


@pytest.mark.parametrize("name", TASKS)
def test_what_is_expected_can_be_claimed(name: str):
    """The family is one of the space, and the contrast is one that it holds."""
    space = load_space(TASKS[name].space)
    contrasts = [f"{contrast.option} vs {contrast.reference}" for contrast in contrasts_of(space)]
    assert TASKS[name].expected in {None, *space.families, *contrasts}


def test_states_are_tracked_over_rows_twice_as_long_in_the_sealed_test():
    """The class is what the permutations come to, one after the other."""
    arrays = TASKS["state_tracking"].arrays(np.random.default_rng(0))
    group = np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    for part, lengths in (("train", range(1, 13)), ("test", [24])):
        assert set(arrays[f"length_{part}"]) == set(lengths)
        words, reached_by = arrays[f"x_{part}"][:50], arrays[f"y_{part}"][:50]
        for word, reached, length in zip(words, reached_by, arrays[f"length_{part}"][:50], strict=True):
            things = np.arange(3)
            for permutation in word[:length]:
                things = things[group[permutation]]
            assert things.tolist() == group[reached].tolist()
