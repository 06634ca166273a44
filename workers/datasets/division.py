"""Divisions: which development rows a candidate learns from, is searched on, and is confirmed on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HELD_OUT_PERCENT = 15
"""Percent of the rows in search-val, and again in confirm-val; the other 70 % are train rows."""

BIN_ROWS = 7
"""Rows with neighbouring numbers that are divided like a class: one in search-val, one in confirm-val, five train."""

_STREAM = 0xD1715
"""Keeps the divisions apart from other random numbers that are seeded with a small integer."""


@dataclass(frozen=True, eq=False)
class Division:
    """Three sets of row indices, sorted, which together are all development rows; disjoint but for `final`.

    Attributes:
        train: rows that the candidate learns from.
        search: rows whose score the search reads (search-val).
        confirm: rows whose score the verdict reads (confirm-val).
    """

    train: NDArray[np.int64]
    search: NDArray[np.int64]
    confirm: NDArray[np.int64]

    @property
    def final(self) -> Division:
        """The division of a final training, by which nothing is searched any more: nearly all rows are learned from.

        Every third confirm row stays out, for a learning curve that a person can believe; it changes nothing.
        """
        held_out = self.confirm[::3]
        rows = np.concatenate([self.train, self.search, self.confirm])
        return Division(np.setdiff1d(rows, held_out), held_out, held_out)


def divide(y: NDArray[np.generic], index: int) -> Division:
    """The `index`-th stratified division, 70/15/15.

    The same index always gives the same division; other indices give others (on a few dozen rows two of them may
    coincide, since few divisions exist). Every stratum has at least one row in each part and, beyond that, its exact
    share rounded up or down.

    Args:
        y: what is predicted of each development row, see `strata`; at least three rows a stratum.
        index: 0, 1, 2, …
    """
    assert index >= 0, index
    rng = np.random.default_rng([_STREAM, index])
    stratum = strata(y)
    counts = np.unique(stratum, return_counts=True)[1]
    assert counts.min() >= 3, "a stratum needs a row for each of the three parts"
    search, confirm = _quotas(counts, rng), _quotas(counts, rng)
    shuffled = np.lexsort((rng.random(len(y)), stratum))  # stratum by stratum, in random order within each
    place = np.arange(len(y)) - np.repeat(counts.cumsum() - counts, counts)  # 0, 1, … within each stratum
    first, second = np.repeat(search, counts), np.repeat(search + confirm, counts)
    parts = (place >= second, place < first, (first <= place) & (place < second))
    return Division(*(np.sort(shuffled[part]) for part in parts))


def strata(y: NDArray[np.generic]) -> NDArray[np.int64]:
    """A number for each row, `(n,)`, such that rows of one number are to be in every part by their share.

    Args:
        y: class indices `(n,)`, which are their own strata; float numbers `(n,)`, of which neighbours in order of size
            are one, at least `BIN_ROWS` and fewer than twice as many; or tokens `(n, steps)`, which have but one.
    """
    if y.ndim == 2:
        return np.zeros(len(y), dtype=np.int64)
    if y.dtype.kind != "f":
        return y.astype(np.int64, copy=False)
    rank = np.empty(len(y), dtype=np.int64)
    rank[np.argsort(y, kind="stable")] = np.arange(len(y))
    return rank * max(len(y) // BIN_ROWS, 1) // len(y)


def _quotas(counts: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Held-out rows of each stratum by largest remainder, ties at random, at least one."""
    hundredths = HELD_OUT_PERCENT * counts  # integers: 15 % of 20 is 3, not 2.9999
    quotas = np.maximum(hundredths // 100, 1)
    missing = max((hundredths.sum() + 50) // 100 - quotas.sum(), 0)
    by_remainder = np.lexsort((rng.random(len(counts)), 100 * quotas - hundredths))
    quotas[by_remainder[:missing]] += 1
    return quotas
