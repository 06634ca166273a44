"""Equivalence of families: that a rival of the leader is shown to be as good, up to what matters.

Two one-sided tests (Schuirmann 1987, see `equivalence`) by the bootstrap: at level alpha they both reject where the
interval of the difference at level 1 - 2 alpha lies within (-epsilon, epsilon).
"""

import numpy as np

from search.verdict.bootstrap import difference_interval
from search.verdict.comparison import FamilyComparison
from search.verdict.figures import are, difference_figure, listed
from search.verdict.permutation import Scores
from search.verdict.unit import Metric


def is_equivalent(
    leader: Scores,
    rival: Scores,
    best_of: tuple[int, int],
    *,
    epsilon: float,
    significance: float,
    rng: np.random.Generator,
    resamples: int = 2000,
) -> bool:
    """Returns whether E_m(leader) - E_m(rival) is shown to lie within (-epsilon, epsilon).

    Args:
        leader: Search and confirm scores, in the order of the blocks.
        rival: The same, equally many.
        best_of: m of each.
        epsilon: From which on a difference matters.
        significance: Level of each one-sided test; with several rivals, a share of it each (Bonferroni).
        rng: Draws the blocks.
        resamples: How many times the blocks are drawn.
    """
    low, high = difference_interval(leader, rival, best_of, rng, resamples, level=1 - 2 * significance)
    return -epsilon < low and high < epsilon


def equivalence_statements(comparison: FamilyComparison, metric: Metric) -> list[str]:
    """Returns which families are as good as the leader in practice, excluded or not."""
    names = [row.family for row in comparison.rows if row.equivalent]
    if not names:
        return []
    best = comparison.rows[0].expected_best
    within = difference_figure(abs(metric.difference(best, best - comparison.settings.epsilon)))
    return [f"{listed(names)} {are(names)} shown to differ from {comparison.leader} by less than {within}."]
