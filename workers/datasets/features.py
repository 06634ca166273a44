"""Features: what the array x may be, which modality it is, and how it is stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from spaces.shapes import Grid

LAYOUTS = {
    "image": "(n, channels, height, width)",
    "series": "(n, steps, channels)",
    "tabular": "(n, features)",
}
"""Modality -> the axes in which users give it."""

_BY_DIMENSIONS = {2: "tabular", 3: "series", 4: "image"}
_DIMENSIONS = {modality: dimensions for dimensions, modality in _BY_DIMENSIONS.items()}
_LIMIT = np.float32(1e38)  # a third of what float32 holds, so that a mean can be subtracted


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
    if features.size == 0:
        raise InvalidInput(f"{array} is empty, shape {features.shape}: expected at least one row and one feature")
    return features


def modality_of(x: NDArray[np.generic], wanted: str | None) -> str:
    """The modality that the user wants, or the one that the shape and type of x_train tell."""
    if wanted is not None and wanted not in LAYOUTS:
        raise InvalidInput(
            f"modality {wanted!r} is not supported by this version: expected one of {', '.join(LAYOUTS)}"
        )
    modality = wanted or _BY_DIMENSIONS.get(x.ndim, "")
    if x.ndim != _DIMENSIONS.get(modality):
        raise InvalidInput(f"x_train is {x.ndim}-D, shape {x.shape}: expected {_expected(wanted)}")
    if wanted is None and x.ndim < 4 and x.dtype.kind != "f":
        raise InvalidInput(_integers(x))
    return modality


def channel_last(array: str, x: NDArray[np.generic], modality: str) -> NDArray[np.float32]:
    """A float32 copy in the order `(n, *positions, channels)`; every value is finite."""
    _check_finite(array, x)
    stored = np.moveaxis(x, 1, -1) if modality == "image" else x
    return stored.astype(np.float32, order="C")


def grid_of(x: NDArray[np.float32]) -> Grid:
    """The grid of one stored row."""
    return Grid(tuple(x.shape[1:-1]), x.shape[-1])


def _check_finite(array: str, x: NDArray[np.generic]) -> None:
    if x.dtype.kind != "f":
        return
    unusable = ~(np.abs(x) <= _LIMIT)  # NaN compares false
    if not unusable.any():
        return
    first = np.unravel_index(int(unusable.argmax()), x.shape)
    count, place = int(unusable.sum()), ", ".join(str(axis) for axis in first)
    values = "value is" if count == 1 else "values are"
    raise InvalidInput(
        f"{count:,} {values} NaN, infinite or beyond {_LIMIT:.0e}, the first at {array}[{place}] ({x[first]}): "
        "expected finite numbers"
    )


def _expected(wanted: str | None) -> str:
    described = [f"{_DIMENSIONS[name]}-D {name} {axes}" for name, axes in LAYOUTS.items() if wanted in (None, name)]
    return " or ".join(described)


def _integers(x: NDArray[np.generic]) -> str:
    if x.ndim == 2:
        return (
            f"x_train is 2-D {x.dtype}, shape {x.shape}, which means tokens: tokens are not supported by this version; "
            "expected float, if the columns are the features of a table"
        )
    return (
        f"x_train is 3-D {x.dtype}, shape {x.shape}: expected float for series {LAYOUTS['series']}, "
        f"or 4-D for images {LAYOUTS['image']}"
    )
