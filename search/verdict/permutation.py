"""Are two families different? A permutation test on the difference of their expected best.

Were two families the same, their labels could be swapped within any block without anyone noticing. The test counts how
often a random swapping differs as much as the true labels do.

The difference is divided by its jackknife standard error, anew for every swapping (Chung and Romano 2013). Without
that the test is right only for families that are alike in everything: a narrow and a wide family of equal E_m were
called different in 13-37 % of simulated studies instead of 5 %. With it in 6-10 %, at worst 16 % (12 blocks, one family
all but constant). Families that are alike are called different in at most 5 %, with it or without.
"""

import numpy as np

from search.verdict.expected_best import FloatArray, expected_best_rows
from search.verdict.jackknife import jackknife_error, leave_one_out

Scores = tuple[FloatArray, FloatArray]
"""Search scores and confirm scores of one family, each (blocks,), in the order of the blocks."""

_CHUNK_ELEMENTS = 2**18
_ROUNDING = 1e-9


def permutation_p_value(
    first: Scores,
    second: Scores,
    best_of: int | tuple[int, int],
    rng: np.random.Generator,
    resamples: int = 2000,
) -> float:
    """Returns the two-sided p-value of "the families do not differ in E_m".

    Block i is the i-th configuration of both families; a configuration's search and confirm score are swapped together.
    `p = (c + 1) / (B + 1)` counts the true labels as one of the swappings, so p is never 0. Fewer than two blocks
    differ in nothing that can be tested: p is 1.

    Args:
        first: Search and confirm scores of one family.
        second: Search and confirm scores of the other, equally many.
        best_of: m; or one m for each position, which stays with the position when labels are swapped.
        rng: Draws the swappings.
        resamples: B, how many swappings are drawn.

    Raises:
        ValueError: The families have different numbers of blocks.
    """
    blocks = len(first[0])
    if len(second[0]) != blocks:
        raise ValueError(f"families have {blocks} and {len(second[0])} blocks, expected equally many")
    if blocks < 2:
        return 1.0
    both = np.array([first, second], float)  # family, (search, confirm), block
    tries = (best_of, best_of) if isinstance(best_of, int) else best_of
    tolerance = _ROUNDING * max(float(np.ptp(both[:, 1])), float(np.finfo(float).tiny))
    observed = _statistic(both, np.zeros((1, blocks), bool), tries, tolerance)[0] * (1 - _ROUNDING)
    as_extreme, remaining = 0, resamples
    while remaining > 0:
        drawn = min(remaining, max(1, _CHUNK_ELEMENTS // blocks))
        swapped = rng.random((drawn, blocks)) < 0.5
        as_extreme += int((_statistic(both, swapped, tries, tolerance) >= observed).sum())
        remaining -= drawn
    return (as_extreme + 1) / (resamples + 1)


def _statistic(both: FloatArray, swapped: np.ndarray, tries: tuple[int, int], tolerance: float) -> FloatArray:
    """Returns |E(first) - E(second)| in standard errors for each row of `swapped` (rows, blocks)."""
    search_first, confirm_first = (np.where(swapped, both[1, k], both[0, k]) for k in (0, 1))
    search_second, confirm_second = (np.where(swapped, both[0, k], both[1, k]) for k in (0, 1))
    difference = np.abs(
        expected_best_rows(search_first, confirm_first, tries[0])
        - expected_best_rows(search_second, confirm_second, tries[1])
    )
    error = jackknife_error(
        leave_one_out(search_first, confirm_first, tries[0]) - leave_one_out(search_second, confirm_second, tries[1])
    )
    # A difference that is rounding alone is none, however small its standard error.
    return np.where(difference > tolerance, difference, 0.0) / np.maximum(error, tolerance)
