"""Divisions of the development rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.datasets import divide
from workers.datasets.division import BIN_ROWS

SEEDS = st.integers(0, 2**16)


def shuffled_labels(counts: list[int], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(3, 60), min_size=2, max_size=30), SEEDS, SEEDS)
def test_parts_are_disjoint_complete_and_stratified(counts: list[int], seed: int, index: int) -> None:
    """Each row is in one part, and each class gives every part its share, rounded up or down, but at least one row."""
    y = shuffled_labels(counts, seed)
    division = divide(y, index)

    parts = (division.train, division.search, division.confirm)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(len(y)))
    assert all((np.diff(part) > 0).all() for part in parts)
    for part in parts[1:]:
        held_out = np.bincount(y[part], minlength=len(counts))
        hundredths = 15 * np.array(counts)
        assert (held_out >= np.maximum(hundredths // 100, 1)).all()
        assert (held_out <= -(-hundredths // 100)).all()
    assert (np.bincount(y[division.train], minlength=len(counts)) >= 1).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(7, 40), min_size=2, max_size=30), SEEDS, SEEDS)
def test_shares_are_exact_where_no_class_is_tiny(counts: list[int], seed: int, index: int) -> None:
    """Search and confirm each hold 15 % of all rows, to the nearest row, whatever the rounding within the classes."""
    division = divide(shuffled_labels(counts, seed), index)

    assert len(division.search) == len(division.confirm)
    assert abs(100 * len(division.search) - 15 * sum(counts)) <= 50


@settings(max_examples=50, deadline=None)
@given(SEEDS, SEEDS)
def test_the_index_alone_tells_the_division(one: int, other: int) -> None:
    """The same index gives the same rows twice, another index gives other rows in each held-out part."""
    y = shuffled_labels([50, 50, 50], 0)
    first, again, different = divide(y, one), divide(y, one), divide(y, other)

    for part in ("train", "search", "confirm"):
        np.testing.assert_array_equal(getattr(first, part), getattr(again, part))
        if one != other:
            assert not np.array_equal(getattr(first, part), getattr(different, part))


def test_the_divisions_of_classes_stay_what_they_were() -> None:
    """A recorded study goes on with the rows it was begun with."""
    division = divide(np.arange(60) % 3, 7)

    assert division.search.tolist() == [18, 22, 35, 43, 45, 50, 52, 57, 59]
    assert division.confirm.tolist() == [6, 20, 28, 34, 38, 42, 48, 53, 55]


@settings(max_examples=100, deadline=None)
@given(st.integers(20, 400), SEEDS, SEEDS)
def test_numbers_are_distributed_alike(count: int, seed: int, index: int) -> None:
    """Each row is in one part, 15 % are in each held-out part, and in order of size no long stretch is without them."""
    y = np.random.default_rng(seed).standard_normal(count).astype(np.float32) ** 3
    division = divide(y, index)

    parts = (division.train, division.search, division.confirm)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(count))
    for part in parts[1:]:
        assert abs(100 * len(part) - 15 * count) <= 50
        places = np.flatnonzero(np.isin(np.argsort(y), part))
        assert np.diff(places, prepend=-1, append=count).max() < 4 * BIN_ROWS


@settings(max_examples=50, deadline=None)
@given(st.integers(20, 400), SEEDS)
def test_rows_of_tokens_are_divided_at_random(count: int, index: int) -> None:
    """Whatever the tokens are, each row is in one part, 15 % in each that is held out; the index alone tells which."""
    y = np.random.default_rng(0).integers(0, 9, (count, 5))
    division, again = divide(y, index), divide(np.zeros_like(y), index)

    parts = (division.train, division.search, division.confirm)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(count))
    assert all(abs(100 * len(part) - 15 * count) <= 50 for part in parts[1:])
    np.testing.assert_array_equal(division.search, again.search)


def test_every_row_is_held_out_in_some_division() -> None:
    """No row is always in train: over many divisions each one is in search and in confirm about 15 % of the time."""
    y = shuffled_labels([30, 20], 1)
    searched, confirmed = np.zeros(50), np.zeros(50)
    for index in range(400):
        division = divide(y, index)
        searched[division.search] += 1
        confirmed[division.confirm] += 1

    for times in (searched, confirmed):  # 60 expected; the deviation of one row is 7
        assert (np.abs(times - 60) < 35).all()


def test_five_rows_a_class_are_enough() -> None:
    """The smallest class that a data set may have gives three rows to train and one to each held-out part."""
    y = np.repeat([0, 1], 5)
    division = divide(y, 3)

    assert [np.bincount(y[rows]).tolist() for rows in (division.train, division.search, division.confirm)] == [
        [3, 3],
        [1, 1],
        [1, 1],
    ]


def test_a_class_with_two_rows_is_a_defect_upstream() -> None:
    """Labels that from_arrays would have refused are not divided."""
    with pytest.raises(AssertionError, match="each of the three parts"):
        divide(np.array([0, 0, 0, 1, 1]), 0)


def test_a_final_training_learns_from_nearly_all_rows() -> None:
    """Nothing is searched by it; a third of the confirm rows stays out, for the curve."""
    division = divide(np.repeat([0, 1], 50), 3)
    final = division.final
    assert sorted([*final.train, *final.search]) == list(range(100))
    assert final.search.tolist() == final.confirm.tolist()
    assert len(final.search) == 5
    assert set(final.search) <= set(division.confirm)
