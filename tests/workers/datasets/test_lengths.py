"""Lengths of padded rows: what is stored, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spaces.errors import InvalidInput
from workers.datasets import Dataset, from_arrays

Y = np.arange(20) % 2
X = np.random.default_rng(0).normal(size=(20, 6, 2)).astype(np.float32)
LENGTHS = np.random.default_rng(1).integers(1, 6, 20)


def padded(padding: float) -> Dataset:
    x = X.copy()
    x[np.arange(6) >= LENGTHS[:, None]] = padding
    return from_arrays("set", x, Y, x, Y, lengths=LENGTHS, lengths_test=LENGTHS)


@pytest.mark.parametrize("padding", [3.0, np.nan, np.inf])
def test_what_stands_in_the_padding_is_dropped(padding: float) -> None:
    """Zeros are stored behind the end of a row, whatever was there; the data set is the same."""
    dataset, expected = padded(padding), padded(0.0)

    np.testing.assert_array_equal(dataset.x, expected.x)
    np.testing.assert_array_equal(dataset.x_test, expected.x)
    np.testing.assert_array_equal(dataset.lengths, LENGTHS)
    np.testing.assert_array_equal(dataset.lengths_test, LENGTHS)
    assert dataset.lengths.dtype == np.int64
    assert dataset.fingerprint == expected.fingerprint


def test_a_nan_in_the_data_is_still_refused() -> None:
    """Only what lies behind the end of its row goes unread."""
    x = X.copy()
    x[3, LENGTHS[3] - 1, 0] = np.nan
    with pytest.raises(InvalidInput, match=rf"NaN, .* the first at x_train\[3, {LENGTHS[3] - 1}, 0\]"):
        from_arrays("set", x, Y, lengths=LENGTHS)


def test_full_rows_have_no_lengths() -> None:
    """Where every row of both parts is full, the data set and its fingerprint are those of rows without lengths."""
    full = np.full(20, 6)
    dataset = from_arrays("set", X, Y, X, Y, lengths=full, lengths_test=full)

    assert (dataset.lengths, dataset.lengths_test) == (None, None)
    assert dataset.fingerprint == from_arrays("set", X, Y, X, Y).fingerprint


def test_one_padded_part_gives_both_their_lengths() -> None:
    """A test whose rows are full keeps its lengths beside padded development rows, and the other way round."""
    full = np.full(20, 6)
    dataset = from_arrays("set", X, Y, X, Y, lengths=LENGTHS, lengths_test=full)
    other = from_arrays("set", X, Y, X, Y, lengths=full, lengths_test=LENGTHS)

    assert (dataset.lengths.tolist(), dataset.lengths_test.tolist()) == (LENGTHS.tolist(), full.tolist())
    assert (other.lengths.tolist(), other.lengths_test.tolist()) == (full.tolist(), LENGTHS.tolist())


def test_lengths_are_sealed_with_their_rows() -> None:
    """Where a share is sealed, each row's length goes with it, in both parts."""
    x = np.repeat(LENGTHS[:, None, None], 6, axis=1).astype(np.float32)
    dataset = from_arrays("set", x, Y, lengths=LENGTHS)

    np.testing.assert_array_equal(dataset.x[:, 0, 0], dataset.lengths)
    np.testing.assert_array_equal(dataset.x_test[:, 0, 0], dataset.lengths_test)


def test_other_lengths_are_other_data() -> None:
    """Rows that are equal but end elsewhere have another fingerprint."""
    x, shorter = np.zeros((20, 6, 2), np.float32), LENGTHS.copy()
    shorter[0] += 1

    assert from_arrays("a", x, Y, lengths=LENGTHS).fingerprint != from_arrays("a", x, Y, lengths=shorter).fingerprint


@pytest.mark.parametrize(
    ("lengths", "line"),
    [
        (np.append(LENGTHS[1:], 0), r"length_train\[19\] is 0: expected 1 to 6, the steps of a row$"),
        (np.append(LENGTHS[1:], 7), r"length_train\[19\] is 7: expected 1 to 6, the steps of a row$"),
        (np.append(LENGTHS[1:], -3), r"length_train\[19\] is -3: expected 1 to 6"),
        (LENGTHS[1:], r"length_train has shape \(19,\): expected \(20,\), one length a row$"),
        (LENGTHS[:, None], r"length_train has shape \(20, 1\): expected \(20,\)"),
        (LENGTHS.astype(np.float64), r"length_train has dtype float64: expected integers$"),
        ([[1], [1, 2]], r"length_train is ragged: expected one length a row$"),
    ],
)
def test_malformed_lengths_are_refused(lengths: Any, line: str) -> None:
    """One line says which length was found, and what was expected."""
    with pytest.raises(InvalidInput, match=f"^set: {line}"):
        from_arrays("set", X, Y, lengths=lengths)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"x_test": X, "y_test": Y, "lengths": LENGTHS}, "found length_train without length_test: expected both"),
        ({"x_test": X, "y_test": Y, "lengths_test": LENGTHS}, "found length_test without length_train: expected both"),
        ({"lengths": LENGTHS, "lengths_test": LENGTHS}, "found length_test without x_test: expected both or neither"),
        (
            {"x_test": X, "y_test": Y, "lengths": LENGTHS, "lengths_test": np.full(20, 9)},
            r"length_test\[0\] is 9: expected 1 to 6",
        ),
    ],
)
def test_lengths_of_one_part_alone_are_refused(arguments: dict[str, Any], line: str) -> None:
    """Both parts have lengths or neither has, and those of the test are checked as well."""
    with pytest.raises(InvalidInput, match=f"^set: {line}"):
        from_arrays("set", X, Y, **arguments)


@pytest.mark.parametrize(("x", "modality"), [(X[:, :, 0], "tabular"), (X[:, None], "image")])
def test_only_sequences_have_lengths(x: np.ndarray, modality: str) -> None:
    """A table and images have no steps that could be missing."""
    with pytest.raises(
        InvalidInput, match=f"found length_train with modality '{modality}': expected lengths for series"
    ):
        from_arrays("set", x, Y, lengths=LENGTHS)


def test_rows_that_are_the_same_up_to_the_padding_are_refused() -> None:
    """Lengths that differ tell rows apart even where all their steps are alike."""
    same, half = np.ones_like(X), np.full(20, 3)
    with pytest.raises(InvalidInput, match=r"every feature of x_train is constant: expected rows that differ"):
        from_arrays("set", same, Y, lengths=half)

    assert from_arrays("set", same, Y, lengths=LENGTHS).lengths is not None
