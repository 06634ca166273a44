"""Features: what the array x may be, which modality it is, and how numbers are stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from spaces.shapes import Grid

LAYOUTS = {
    "image": "(n, channels, height, width)",
    "series": "(n, steps, channels)",
    "tabular": "(n, features)",
    "tokens": "(n, steps)",
}
"""Modality -> the axes in which users give it."""

_CHANNELS = (1, 3, 4)
"""Of grey and coloured images, and of those with transparency."""

_DIMENSIONS = {modality: axes.count(",") + 1 for modality, axes in LAYOUTS.items()}

LIMIT = np.float32(1e38)
"""Largest number: a third of what float32 holds, so that a mean can be subtracted."""

MOST_ROUNDING = 0.01
"""Share of their deviation that numbers may be off by as float32."""


def is_rounded_away(numbers: NDArray[np.float64]) -> bool:
    """Whether float32 is off by more than `MOST_ROUNDING` of the deviation of finite numbers `(n,)`.

    So it is of Unix seconds within an hour, which it tells to two minutes.
    """
    if len(numbers) == 0 or np.ptp(numbers) == 0:
        return False
    return bool(np.abs(numbers - numbers.astype(np.float32)).max() > MOST_ROUNDING * numbers.std())


def checked_features(array: str, x: ArrayLike) -> NDArray[np.generic]:
    """`x` as it was given, an array of real numbers that is not empty.

    Args:
        array: what messages call it, e.g. `"x_train"`.
        x: the rows.
    """
    try:
        features = np.asarray(x)
    except ValueError as error:
        raise InvalidInput(f"{array} is ragged: expected rows of one shape") from error
    if features.dtype.kind not in "biuf":
        raise InvalidInput(f"{array} has dtype {features.dtype}: expected real numbers")
    if features.ndim == 0:
        raise InvalidInput(f"{array} is a single value: expected one row a label")
    if features.size == 0:
        raise InvalidInput(f"{array} is empty, shape {features.shape}: expected at least one row and one feature")
    return features


def modality_of(x: NDArray[np.generic], wanted: str | None) -> str:
    """The modality that the user wants, or the one that the shape and type of x_train tell.

    Raises:
        InvalidInput: there is no such modality, it does not go with the shape, or nothing tells one.
    """
    if wanted is not None and wanted not in LAYOUTS:
        raise InvalidInput(
            f"modality {wanted!r} is not supported by this version: expected one of {', '.join(LAYOUTS)}"
        )
    if x.ndim not in [_DIMENSIONS[modality] for modality in LAYOUTS if wanted in (None, modality)]:
        raise InvalidInput(f"x_train is {x.ndim}-D, shape {x.shape}: expected {_expected(wanted)}")
    return wanted or _inferred(x)


def channel_last(array: str, x: NDArray[np.generic], modality: str, may_miss: bool) -> NDArray[np.float32]:
    """A float32 copy in the order `(n, *positions, channels)`; every value is finite or, where it may miss, NaN."""
    _check_finite(array, x, may_miss)
    stored = np.moveaxis(x, 1, -1) if modality == "image" else x
    return stored.astype(np.float32, order="C")


def grid_of(x: NDArray[np.float32] | NDArray[np.int64], modality: str) -> Grid:
    """The grid of one stored row; tokens are a sequence of one channel."""
    return Grid(x.shape[1:], 1) if modality == "tokens" else Grid(tuple(x.shape[1:-1]), x.shape[-1])


def noted_constants(x: NDArray[np.float32] | NDArray[np.int64], modality: str) -> tuple[str, ...]:
    """What there is to say of columns that have one value in all development rows.

    Args:
        x: stored rows, all of one length.
        modality: of the rows; only those of a table have columns.

    Raises:
        InvalidInput: all rows are the same.
    """
    same = (x == x[0]).all(axis=0)
    if same.all():
        raise InvalidInput("every feature of x_train is constant: expected rows that differ")
    constant = int(same.sum())
    if modality != "tabular" or constant == 0:
        return ()
    return (f"{constant:,} of {len(same):,} columns {'is' if constant == 1 else 'are'} constant",)


def _inferred(x: NDArray[np.generic]) -> str:
    if x.ndim == 4:
        _check_channels_first(x.shape)
        return "image"
    if x.dtype.kind == "f":
        return "series" if x.ndim == 3 else "tabular"
    found = f"x_train is {x.ndim}-D {x.dtype}, shape {x.shape}"
    if x.ndim == 3:
        raise InvalidInput(
            f"{found}: expected float for series {LAYOUTS['series']}, or 4-D for images {LAYOUTS['image']}"
        )
    if x.dtype.kind == "b":
        raise InvalidInput(
            f"{found}: expected integers for tokens {LAYOUTS['tokens']}, or float for a table {LAYOUTS['tabular']}"
        )
    return "tokens"


def _check_channels_first(shape: tuple[int, ...]) -> None:
    """Refuses what other libraries take for images: as columns of pixels they would be searched for hours, in vain."""
    if shape[1] > max(_CHANNELS) and shape[3] in _CHANNELS:
        raise InvalidInput(
            f"x_train has shape {shape}, whose last axis seems to be channels: expected {LAYOUTS['image']}, "
            "as np.moveaxis(x, -1, 1) makes it, or modality 'image' if it is so already"
        )


def _check_finite(array: str, x: NDArray[np.generic], may_miss: bool) -> None:
    if x.dtype.kind != "f":
        return
    unusable = np.abs(x) > LIMIT if may_miss else ~(np.abs(x) <= LIMIT)  # NaN compares false
    if not unusable.any():
        return
    first = np.unravel_index(int(unusable.argmax()), x.shape)
    count, place = int(unusable.sum()), ", ".join(str(axis) for axis in first)
    values = "value is" if count == 1 else "values are"
    raise InvalidInput(
        f"{count:,} {values} NaN, infinite or beyond {LIMIT:.0e}, the first at {array}[{place}] ({x[first]}): "
        "expected finite numbers"
    )


def _expected(wanted: str | None) -> str:
    described = [f"{_DIMENSIONS[name]}-D {name} {axes}" for name, axes in LAYOUTS.items() if wanted in (None, name)]
    return " or ".join(described)
