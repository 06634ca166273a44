"""Sealing: which rows are set aside as the sealed test where none is given, and how many rows that takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spaces.errors import InvalidInput
from workers.datasets.division import strata
from workers.datasets.labels import check_class_sizes

DEVELOPMENT_ROWS = 5
"""Rows that each class needs outside the sealed test: three train rows, one in search-val, one in confirm-val."""

SEALED_SHARE = 0.2
SEALED_ROWS = 2
"""Rows a class gives at most to a sealed share where it has `DEVELOPMENT_ROWS + SEALED_ROWS` in all."""

CLASSLESS_ROWS = 20
"""Rows needed outside the sealed test where there are no classes: three are in search-val, three in confirm-val."""

CLASSLESS_SEALED_ROWS = 5
"""What is sealed where there are as few as `CLASSLESS_ROWS + CLASSLESS_SEALED_ROWS` in all."""

_SEALED_SEED = 0


def check_development_rows(y: NDArray[np.generic], classes: Sequence[str], array: str) -> None:
    """Refuses too few rows to develop on, where a test is given.

    Args:
        y: as in `sealed_rows`.
        classes: their names; none where numbers or tokens are predicted.
        array: what messages call it.
    """
    if classes:
        check_class_sizes(y, classes, DEVELOPMENT_ROWS, "for train, search and confirmation", array)
    else:
        _check_rows(len(y), CLASSLESS_ROWS, "for train, search and confirmation", array)


def check_rows_to_seal(y: NDArray[np.generic], classes: Sequence[str], array: str, otherwise: str = "") -> None:
    """Refuses too few rows to develop on and to seal a share of; see `check_development_rows`.

    Args:
        y: as in `sealed_rows`.
        classes: their names; none where numbers or tokens are predicted.
        array: what messages call it.
        otherwise: what else would help.
    """
    develop, seal = (DEVELOPMENT_ROWS, SEALED_ROWS) if classes else (CLASSLESS_ROWS, CLASSLESS_SEALED_ROWS)
    purpose = f"({develop} to develop and {seal} for the sealed test){otherwise}"
    if classes:
        check_class_sizes(y, classes, develop + seal, purpose, array)
    else:
        _check_rows(len(y), develop + seal, purpose, array)


def sealed_rows(y: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which rows are for development and which are sealed, a fifth, both in order and always the same.

    Args:
        y: what is predicted of each row, see `strata`; enough of them, as `check_rows_to_seal` makes sure.
    """
    from sklearn.model_selection import train_test_split  # here: a worker that only trains need not wait for it

    split = train_test_split(np.arange(len(y)), test_size=SEALED_SHARE, random_state=_SEALED_SEED, stratify=strata(y))
    return np.sort(split[0]), np.sort(split[1])


def _check_rows(found: int, expected: int, purpose: str, array: str) -> None:
    if found < expected:
        raise InvalidInput(f"{array} has {found} rows: expected at least {expected} {purpose}")
