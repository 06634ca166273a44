"""Dominance: which of several are better where each has several numbers, the lower the better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def dominance_ranks(losses: Array) -> NDArray[np.int64]:
    """The front to which each row belongs: 0 for those that no other dominates, 1 for those left then, and so on.

    A row dominates another that is worse in one number and better in none. Deb et al. 2002, section III A.

    Args:
        losses: (rows, numbers).
    """
    no_worse = np.asarray((losses[:, None, :] <= losses[None, :, :]).all(axis=2))
    dominates = no_worse & ~no_worse.T
    ranks = np.full(len(losses), -1)
    rank = 0
    while (left := ranks < 0).any():
        ranks[left & ~dominates[left].any(axis=0)] = rank
        rank += 1
    return ranks


def crowding_distances(losses: Array) -> Array:
    """How far each row's neighbours are from each other, summed over numbers, each in terms of its range.

    Infinite at the ends of a front. Deb et al. 2002, section III B.

    Args:
        losses: of one front, (rows, numbers).
    """
    distances = np.zeros(len(losses))
    for column in losses.T:
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        distances[order[[0, -1]]] = np.inf
        if ordered[-1] > ordered[0]:
            distances[order[1:-1]] += (ordered[2:] - ordered[:-2]) / (ordered[-1] - ordered[0])
    return distances


def survival_order(losses: Array) -> NDArray[np.int64]:
    """Indices of the rows, those that survive longest first: by front, and within one the less crowded first.

    Args:
        losses: (rows, numbers).
    """
    ranks, crowding = dominance_ranks(losses), np.zeros(len(losses))
    for rank in np.unique(ranks):
        crowding[ranks == rank] = crowding_distances(losses[ranks == rank])
    return np.lexsort((-crowding, ranks))
