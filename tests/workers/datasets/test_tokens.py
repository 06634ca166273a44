"""Tokens: what is stored, the vocabulary, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spaces.errors import InvalidInput
from spaces.shapes import Grid, Task
from workers.datasets import from_arrays

Y = np.arange(20) % 2


def ids(dtype: Any = np.int64) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, (20, 6)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64])
def test_integers_in_two_dimensions_are_tokens(dtype: Any) -> None:
    """They are stored as int64 ids, unchanged, on a sequence of one channel."""
    x = ids(dtype)
    dataset = from_arrays("set", x, Y, x, Y)

    assert (dataset.modality, dataset.task) == ("tokens", Task(Grid((6,), 1), 2, int(x.max()) + 1))
    np.testing.assert_array_equal(dataset.x, x)
    assert dataset.x.dtype == dataset.x_test.dtype == np.int64


def test_the_vocabulary_holds_the_ids_of_the_sealed_test_too() -> None:
    """An id that only a test row has needs a place in the table as well."""
    x_test = ids()
    x_test[3, 3] = 250

    assert from_arrays("set", ids(), Y, x_test, Y).task.vocabulary == 251


@pytest.mark.parametrize(
    ("value", "dtype", "line"),
    [
        (-1, np.int64, r"^set: x_train\[4, 2\] is -1: expected token ids from 0 to 65,535, or modality 'tabular' if"),
        (65_536, np.int64, r"^set: x_train\[4, 2\] is 65536: expected token ids from 0 to 65,535"),
        (1, np.float32, r"^set: x_train has dtype float32: expected integers for tokens$"),
        (1, bool, r"^set: x_train has dtype bool: expected integers for tokens$"),
    ],
)
def test_what_is_no_id_is_refused(value: int, dtype: Any, line: str) -> None:
    """The line names the place and says what an id may be."""
    x = ids(dtype)
    x[4, 2] = value
    with pytest.raises(InvalidInput, match=line):
        from_arrays("set", x, Y, modality="tokens")


def test_an_id_in_the_padding_does_not_matter() -> None:
    """What stands behind the end of a row is dropped: it is neither refused nor part of the vocabulary."""
    x, lengths = ids(), np.full(20, 5)
    x[:, 5] = -7
    dataset = from_arrays("set", x, Y, x, Y, lengths=lengths, lengths_test=lengths)

    assert (dataset.x[:, 5] == 0).all()
    assert dataset.task.vocabulary == x[:, :5].max() + 1
