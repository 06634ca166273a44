import numpy as np
import pytest

from search.verdict.expected_best import expected_best
from search.verdict.jackknife import jackknife_error, leave_one_out


@pytest.mark.parametrize("best_of", [1, 3, 8, 9])
def test_leaves_out_each_configuration_in_turn(best_of):
    """Entry i is the expected best of the others; the best of all nine becomes the best of the eight left."""
    search, confirm = np.random.default_rng(0).standard_normal((2, 9))
    others = [(np.delete(search, i), np.delete(confirm, i)) for i in range(9)]
    literal = [expected_best(*scores, min(best_of, 8)) for scores in others]
    assert leave_one_out(search, confirm, best_of) == pytest.approx(literal)


def test_ties_keep_the_order_of_the_blocks():
    """As in the estimate itself: without the last of those that are best by search score the one before it counts."""
    tied, block = np.random.default_rng(0).integers(3, size=1000), np.arange(1000.0)
    *_, before, last = np.flatnonzero(tied == 2)
    best = leave_one_out(tied, block, 999)
    assert (best[last], best[0]) == pytest.approx((before, last))


def test_error_of_a_mean_is_the_textbook_one():
    """For m = 1 the jackknife gives s / sqrt(n)."""
    scores = np.random.default_rng(1).standard_normal(20)
    error = jackknife_error(leave_one_out(scores, scores, 1))
    assert error == pytest.approx(scores.std(ddof=1) / np.sqrt(20))


def test_many_families_at_once():
    """Rows are treated one by one."""
    search, confirm = np.random.default_rng(2).standard_normal((2, 4, 6))
    rows = [leave_one_out(search[row], confirm[row], 3) for row in range(4)]
    assert leave_one_out(search, confirm, 3) == pytest.approx(np.array(rows))
