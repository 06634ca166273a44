"""Rung audit: how well early scores rank networks, which successive halving relies on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import spearmanr

FEWEST = 4
"""Networks below which a rank correlation says next to nothing."""


def rung_rank_correlation(early: Sequence[float], final: Sequence[float]) -> float | None:
    """Spearman's rank correlation between scores at the first rung and after the whole training.

    Spearman 1904; ties share the mean of their ranks.

    Args:
        early: a score a network.
        final: likewise.

    Returns:
        From -1 to 1; None for fewer than four networks, or where all scores at one of the times are the same.
    """
    if len(early) < FEWEST or len(set(early)) == 1 or len(set(final)) == 1:
        return None
    return float(spearmanr(np.asarray(early), np.asarray(final)).statistic)
