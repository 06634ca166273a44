"""Standardization per channel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from workers.datasets import Standardization

ROWS = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=4, min_side=1, max_side=6),
    elements=st.floats(-(2.0**120), 2.0**120, width=32),
)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_train_rows_become_centred_and_finite(x: np.ndarray) -> None:
    """Any finite rows stay finite; a channel has mean 0 and deviation 1 wherever float32 can tell its values apart."""
    standardized = Standardization.fit(x).apply(x).reshape(-1, x.shape[-1]).astype(np.float64)

    assert np.isfinite(standardized).all()
    channels = x.reshape(-1, x.shape[-1]).astype(np.float64)
    told_apart = channels.std(axis=0) > np.maximum(1e-3 * np.abs(channels).max(axis=0), 1e-30)
    np.testing.assert_allclose(standardized.mean(axis=0)[told_apart], 0, atol=1e-3)
    np.testing.assert_allclose(standardized.std(axis=0)[told_apart], 1, atol=1e-3)


@settings(max_examples=100, deadline=None)
@given(st.floats(-(2.0**120), 2.0**120, width=32), st.integers(1, 200))
def test_a_constant_channel_becomes_zeros(value: float, rows: int) -> None:
    """A channel that never changes becomes exact zeros, and the channel beside it is standardized as usual."""
    x = np.stack([np.full(rows, value), np.arange(rows)], axis=-1).astype(np.float32)

    standardized = Standardization.fit(x).apply(x)

    assert (standardized[:, 0] == 0).all()
    assert standardized[:, 1].std() == pytest.approx(min(rows - 1, 1), abs=1e-4)


def test_other_rows_are_measured_with_the_train_rows() -> None:
    """Rows that were not fitted are shifted and scaled by what the fitted rows said, and are not changed in place."""
    x_train, x_other = np.array([[1.0], [3.0]], np.float32), np.array([[5.0], [2.0]], np.float32)

    standardized = Standardization.fit(x_train).apply(x_other)

    np.testing.assert_array_equal(standardized, [[3.0], [0.0]])
    np.testing.assert_array_equal(x_other, [[5.0], [2.0]])
    assert standardized.dtype == np.float32


def test_a_channel_constant_in_train_stays_finite_elsewhere() -> None:
    """A value that train never showed is shifted, not blown up by a deviation near zero."""
    standardization = Standardization.fit(np.full((10, 1), 7.0, np.float32))

    assert standardization.apply(np.array([[9.0]], np.float32)) == 2.0


def test_channels_are_measured_over_rows_and_positions() -> None:
    """An image channel has one mean and one deviation for all its pixels."""
    x = np.random.default_rng(0).normal([0.0, 5.0], [1.0, 3.0], size=(40, 6, 6, 2)).astype(np.float32)

    standardization = Standardization.fit(x)

    np.testing.assert_allclose(standardization.mean, [0.0, 5.0], atol=0.3)
    np.testing.assert_allclose(standardization.deviation, [1.0, 3.0], atol=0.2)


def test_small_numbers_are_numbers() -> None:
    """A channel measured in tiny units is standardized like any other."""
    x = np.array([[1e-20], [3e-20]], np.float32)

    np.testing.assert_allclose(Standardization.fit(x).apply(x), [[-1.0], [1.0]], rtol=1e-5)


def test_padding_is_not_measured_and_stays_zero() -> None:
    """Rows padded with anything are standardized like their data alone, and hold zeros behind it."""
    rng = np.random.default_rng(0)
    lengths = np.array([1, 4, 2, 3])
    x = rng.normal(3, 2, (4, 4, 2)).astype(np.float32)
    data = np.concatenate([row[:length] for row, length in zip(x, lengths, strict=True)])
    for row, length in zip(x, lengths, strict=True):
        row[length:] = 1e6

    standardization, expected = Standardization.fit(x, lengths), Standardization.fit(data)

    np.testing.assert_array_equal(standardization.mean, expected.mean)
    np.testing.assert_array_equal(standardization.deviation, expected.deviation)
    standardized = standardization.apply(x, lengths)
    for row, raw, length in zip(standardized, x, lengths, strict=True):
        np.testing.assert_array_equal(row[:length], expected.apply(raw[:length]))
        assert (row[length:] == 0).all()


def test_what_is_missing_is_not_measured_and_becomes_zero() -> None:
    """Each channel is measured on what it has, and the mean stands for what it has not."""
    rng = np.random.default_rng(0)
    x = rng.normal([0.0, 5.0, -3.0], [1.0, 3.0, 0.1], size=(50, 3)).astype(np.float32)
    x[rng.random(x.shape) < 0.3] = np.nan
    standardization = Standardization.fit(x)

    standardized = standardization.apply(x)

    assert np.isnan(x).any()
    for channel in range(3):
        there = x[:, channel][~np.isnan(x[:, channel])].astype(np.float64)
        expected = (there - there.mean()) / there.std()
        np.testing.assert_allclose(standardized[~np.isnan(x[:, channel]), channel], expected, rtol=1e-4, atol=1e-5)
    assert (standardized[np.isnan(x)] == 0).all()


def test_a_channel_that_train_misses_altogether_stays_finite() -> None:
    """It is measured as zero with deviation 1; one of a single known value becomes zeros."""
    x = np.array([[np.nan, 7.3, 1.0], [np.nan, np.nan, 2.0]], np.float32)
    standardization = Standardization.fit(x)

    assert standardization.mean.tolist() == [0, np.float32(7.3), 1.5]
    assert standardization.deviation.tolist() == [1, 1, 0.5]
    assert standardization.apply(x).tolist() == [[0, 0, -1], [0, 0, 1]]
    assert standardization.apply(np.array([[4.0, 8.3, np.nan]], np.float32)).tolist() == [[4, 1, 0]]


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_without_gaps_the_measure_is_numpys(x: np.ndarray) -> None:
    """Bit for bit: a study recorded before tables had gaps is repeated exactly."""
    axes = tuple(range(x.ndim - 1))
    standardization = Standardization.fit(x)
    mean, deviation = x.mean(axis=axes, dtype=np.float64).astype(np.float32), x.std(axis=axes, dtype=np.float64)
    deviation = np.where(deviation < np.finfo(np.float32).tiny, 1.0, deviation).astype(np.float32)

    np.testing.assert_array_equal(standardization.mean, mean)
    np.testing.assert_array_equal(standardization.deviation, deviation)
    np.testing.assert_array_equal(standardization.apply(x), (x - mean) / deviation)
