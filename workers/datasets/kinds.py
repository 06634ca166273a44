"""Kinds of task: which of them a user means, or arrays tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spaces.errors import InvalidInput
from spaces.shapes import Kind


def kind_named(name: str) -> Kind:
    """The kind of task of this name, `next-token` as well as `next_token`.

    Raises:
        InvalidInput: there is none.
    """
    try:
        return Kind(name.replace("-", "_"))
    except ValueError as error:
        raise InvalidInput(f"task: found {name!r}, expected one of {', '.join(Kind)}") from error


def kind_of_arrays(y: ArrayLike | None, task: str | None) -> Kind:
    """The kind that the user names, or else the one that y_train tells.

    Numbers of which one has a fraction are to be predicted as numbers; all others, and whatever else there is, are
    class labels. Without them the tokens of x_train are to be predicted.

    Args:
        y: what was given as y_train.
        task: what the user says.

    Raises:
        InvalidInput: there is no such kind, or it does not go with a y_train.
    """
    kind = kind_named(task) if task is not None else _told_by(y)
    if kind is Kind.NEXT_TOKEN and y is not None:
        raise InvalidInput(
            f"found y_train with task {str(kind)!r}: expected x_train alone, whose own tokens are predicted"
        )
    if kind is not Kind.NEXT_TOKEN and y is None:
        raise InvalidInput(f"y_train missing: expected one for task {str(kind)!r}")
    return kind


def has_fractions(numbers: np.ndarray) -> bool:
    """Whether one of these is finite and no whole number."""
    finite = numbers[np.isfinite(numbers)]
    return bool((finite != np.floor(finite)).any())


def _told_by(y: ArrayLike | None) -> Kind:
    if y is None:
        return Kind.NEXT_TOKEN
    try:
        given = np.asarray(y)
    except ValueError:  # ragged: whoever reads it as labels says so
        return Kind.CLASSIFICATION
    return Kind.REGRESSION if given.dtype.kind == "f" and has_fractions(given) else Kind.CLASSIFICATION
