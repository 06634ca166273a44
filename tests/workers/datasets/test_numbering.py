"""Numbering: rows are sealed as they are with their features."""

from __future__ import annotations

import numpy as np
import pytest

from spaces.errors import InvalidInput
from workers.datasets.dataset import from_arrays
from workers.datasets.numbering import numbered, row_numbers

Y = np.arange(40) % 3


def test_the_rows_that_are_sealed_are_those_of_the_data_set_itself() -> None:
    """Reading features by their numbers gives what from_arrays makes of the features."""
    x = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    rows, dataset = numbered("a", Y, None), from_arrays("a", x, Y)

    np.testing.assert_array_equal(x[row_numbers(rows.x)], dataset.x)
    np.testing.assert_array_equal(x[row_numbers(rows.x_test)], dataset.x_test)
    np.testing.assert_array_equal(rows.y, dataset.y)


def test_a_given_test_is_numbered_by_itself() -> None:
    """All rows of both parts, in order."""
    rows = numbered("a", Y, Y[:7])

    assert row_numbers(rows.x).tolist() == list(range(40))
    assert row_numbers(rows.x_test).tolist() == list(range(7))


def test_labels_are_checked() -> None:
    """With the line that every other data set gets."""
    with pytest.raises(InvalidInput, match=r"^b: y_train has one class only"):
        numbered("a", np.zeros(40, int), None, where="b")
