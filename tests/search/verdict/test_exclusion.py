import numpy as np
import pytest

from search.verdict.exclusion import Kept, kept_after_rejection, kept_without_rejection, rejections
from search.verdict.holm import holm_adjusted


def rejected(*p_values, blocks=24):
    answers = rejections(np.array(p_values), holm_adjusted(p_values), blocks)
    assert answers.dtype == bool
    return answers.tolist()


def test_beating_every_rival_needs_no_adjustment():
    """If every raw p is below .05 every test rejects, although Holm alone would reject none of these."""
    assert rejected(0.04, 0.03, 0.049) == [True, True, True]


def test_beating_some_rivals_needs_holm():
    """One rival that is not beaten puts the others under Holm's adjustment."""
    assert rejected(0.01, 0.03, 0.5) == [True, False, False]


def test_significance_means_below_five_percent():
    """A p-value of exactly .05 does not reject."""
    assert rejected(0.05) == [False]


def test_five_blocks_never_reject():
    """With n blocks the smallest p is 2 / 2^n, above .05 for n = 5 and below for n = 6."""
    assert rejected(0.001, blocks=5) == [False]
    assert rejected(0.001, blocks=6) == [True]
    assert kept_without_rejection(5) is Kept.TOO_FEW_TRIALS
    assert kept_without_rejection(6) is Kept.TOO_MANY_RIVALS


@pytest.mark.parametrize(
    ("at_double", "leader_at_double", "still_gains", "cause", "kept"),
    [
        (0.8, 0.9, 0.0, None, None),
        (0.9, 0.9, 0.0, None, Kept.CAUGHT_UP),
        (float("nan"), 0.9, 0.0, None, Kept.CAUGHT_UP),
        (0.5, 0.875, 0.125, None, Kept.STILL_LEARNING),  # three doublings that bring as much bring it level
        (0.5, 0.876, 0.125, None, None),
        (None, 0.9, 0.0, None, Kept.NO_DOUBLING_CHECK),
        (0.8, None, 0.0, None, Kept.NO_DOUBLING_CHECK),
        (0.8, 0.9, 0.0, "short_training", Kept.SHORT_TRAINING),
        (0.8, 0.9, 0.0, "guessing", Kept.GUESSING),
    ],
)
def test_a_rejection_alone_excludes_nobody(at_double, leader_at_double, still_gains, cause, kept):
    """Every condition beyond the test keeps a rival by itself."""
    causes = {"short_training": cause == "short_training", "guessing": cause == "guessing"}
    assert kept_after_rejection(at_double, leader_at_double, still_gains, **causes) is kept
