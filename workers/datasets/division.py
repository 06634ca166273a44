"""Divisions: which development rows a candidate learns from, is searched on, and is confirmed on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HELD_OUT_PERCENT = 15
"""Percent of the rows in search-val, and again in confirm-val; the other 70 % are train rows."""

_STREAM = 0xD1715
"""Keeps the divisions apart from other random numbers that are seeded with a small integer."""


@dataclass(frozen=True, eq=False)
class Division:
    """Three disjoint sets of row indices, sorted, which together are all development rows.

    Attributes:
        train: rows that the candidate learns from.
        search: rows whose score the search reads (search-val).
        confirm: rows whose score the verdict reads (confirm-val).
    """

    train: NDArray[np.int64]
    search: NDArray[np.int64]
    confirm: NDArray[np.int64]


def divide(y: NDArray[np.int64], index: int) -> Division:
    """The `index`-th stratified division, 70/15/15.

    The same index always gives the same division; other indices give others (on a few dozen rows two of them may
    coincide, since few divisions exist). Every class has at least one row in each part and, beyond that, its exact
    share rounded up or down.

    Args:
        y: class index of each development row, at least three rows a class.
        index: 0, 1, 2, …
    """
    assert index >= 0, index
    rng = np.random.default_rng([_STREAM, index])
    counts = np.unique(y, return_counts=True)[1]
    assert counts.min() >= 3, "a class needs a row for each of the three parts"
    search, confirm = _quotas(counts, rng), _quotas(counts, rng)
    shuffled = np.lexsort((rng.random(len(y)), y))  # class by class, in random order within each
    place = np.arange(len(y)) - np.repeat(counts.cumsum() - counts, counts)  # 0, 1, … within each class
    first, second = np.repeat(search, counts), np.repeat(search + confirm, counts)
    parts = (place >= second, place < first, (first <= place) & (place < second))
    return Division(*(np.sort(shuffled[part]) for part in parts))


def _quotas(counts: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Held-out rows of each class by largest remainder, ties at random, at least one."""
    hundredths = HELD_OUT_PERCENT * counts  # integers: 15 % of 20 is 3, not 2.9999
    quotas = np.maximum(hundredths // 100, 1)
    missing = max((hundredths.sum() + 50) // 100 - quotas.sum(), 0)
    by_remainder = np.lexsort((rng.random(len(counts)), 100 * quotas - hundredths))
    quotas[by_remainder[:missing]] += 1
    return quotas
