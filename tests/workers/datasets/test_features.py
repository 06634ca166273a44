"""The array x: modalities, layouts and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spaces.errors import InvalidInput
from spaces.shapes import Grid
from workers.datasets import from_arrays

Y = np.arange(20) % 2


def rows(*shape: int, dtype: Any = np.float32) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, (20, *shape)).astype(dtype)


@pytest.mark.parametrize(
    ("x", "modality", "grid"),
    [
        (rows(3, 4, 5), "image", Grid((4, 5), 3)),
        (rows(3, 4, 5, dtype=np.uint8), "image", Grid((4, 5), 3)),
        (rows(7, 2, dtype=np.float64), "series", Grid((7,), 2)),
        (rows(6, dtype=np.float16), "tabular", Grid((), 6)),
    ],
)
def test_the_modality_follows_from_shape_and_type(x: np.ndarray, modality: str, grid: Grid) -> None:
    """4-D arrays are images, 3-D floats series and 2-D floats tables; all are stored as contiguous float32."""
    dataset = from_arrays("set", x, Y)

    assert (dataset.modality, dataset.task.grid) == (modality, grid)
    for stored in (dataset.x, dataset.x_test):
        assert stored.shape[1:] == (*grid.positions, grid.channels)
        assert stored.dtype == np.float32
        assert stored.flags.c_contiguous


def test_image_channels_move_last() -> None:
    """Pixel (row, column) of channel c is stored at [row, column, c], unscaled."""
    x = rows(3, 4, 5, dtype=np.uint8)
    dataset = from_arrays("set", x, Y, x, Y)

    assert dataset.x[7, 2, 4, 1] == x[7, 1, 2, 4]
    np.testing.assert_array_equal(dataset.x, x.transpose(0, 2, 3, 1))


@pytest.mark.parametrize(("shape", "modality"), [((6,), "tabular"), ((7, 2), "series")])
def test_a_given_modality_admits_integers(shape: tuple[int, ...], modality: str) -> None:
    """Whole numbers are features where the user says what they are."""
    dataset = from_arrays("set", rows(*shape, dtype=np.int64), Y, modality=modality)

    assert dataset.modality == modality


@pytest.mark.parametrize(
    ("x", "modality", "line"),
    [
        (rows(28, 28, dtype=np.uint8), None, r"3-D uint8.*expected float for series .* or 4-D for images"),
        (rows(), None, r"1-D, shape \(20,\): expected 4-D image .* or 3-D series .* or 2-D tab.* or 2-D tok"),
        (rows(1, 2, 3, 4), None, r"5-D, shape \(20, 1, 2, 3, 4\): expected 4-D image"),
        (rows(5, 5), "image", r"3-D, shape \(20, 5, 5\): expected 4-D image \(n, channels, height, width\)$"),
        (rows(5), "token", r"modality 'token' is not supported by this version: expected one of image, series, tab"),
        (
            rows(5, dtype=bool),
            None,
            r"x_train is 2-D bool, shape \(20, 5\): expected integers for tokens .* or float for",
        ),
        (np.array([["a"]] * 20), None, r"x_train has dtype <U1: expected real numbers"),
        (rows(5, dtype=complex), None, r"x_train has dtype complex128: expected real numbers"),
        (rows(5, dtype=object), None, r"x_train has dtype object: expected real numbers"),
        (rows(5)[:0], None, r"x_train is empty, shape \(0, 5\)"),
        (rows(0), None, r"x_train is empty, shape \(20, 0\)"),
        ([[1.0], [1.0, 2.0]], None, r"x_train is ragged"),
    ],
)
def test_arrays_that_no_network_reads_are_refused(x: Any, modality: str | None, line: str) -> None:
    """Wrong dimensions, types and sizes are named, with what was expected instead."""
    with pytest.raises(InvalidInput, match=line):
        from_arrays("set", x, Y, modality=modality)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_images_with_channels_last_are_refused(channels: int) -> None:
    """The line says how to move them; few channels before few columns, or a given modality, are taken as they are."""
    line = rf"x_train has shape \(20, 8, 6, {channels}\), whose last axis seems to be channels: expected \(n, ch.*move"
    with pytest.raises(InvalidInput, match=line):
        from_arrays("set", rows(8, 6, channels), Y)

    assert from_arrays("set", rows(8, 6, channels), Y, modality="image").task.grid == Grid((6, channels), 8)
    assert from_arrays("set", rows(4, 6, channels), Y).task.grid == Grid((6, channels), 4)
    assert from_arrays("set", np.moveaxis(rows(8, 6, channels), -1, 1), Y).task.grid == Grid((8, 6), channels)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_counted_and_located(value: float, dtype: Any) -> None:
    """The line says how many NaN or infinite values there are and where the first is, in the user's own axes."""
    x = rows(3, 4, 5, dtype=dtype)
    x[4, 2, 1, 3] = x[9, 0, 0, 0] = value
    with pytest.raises(InvalidInput, match=rf"set: 2 values are NaN.*first at x_train\[4, 2, 1, 3\] \({value}\)"):
        from_arrays("set", x, Y)


def test_the_sealed_test_is_checked_as_well() -> None:
    """A NaN in x_test is found before anything is trained."""
    x_test = rows(6)
    x_test[3, 5] = np.nan
    with pytest.raises(InvalidInput, match=r"1 value is NaN.*x_test\[3, 5\]"):
        from_arrays("set", rows(6), Y, x_test, Y)


def test_numbers_too_large_for_float32_are_refused() -> None:
    """A value that float32 would turn into infinity is found before it is stored."""
    x = rows(6, dtype=np.float64)
    x[0, 1] = 1e300
    with pytest.raises(InvalidInput, match=r"beyond 1e\+38, the first at x_train\[0, 1\] \(1e\+300\)"):
        from_arrays("set", x, Y)
