import math

import numpy as np
import pytest

from search.verdict.census import DoublingCheck
from search.verdict.exclusion import Kept, kept_after_rejection, kept_without_rejection, rejections
from search.verdict.holm import holm_adjusted
from tests.search.verdict.censuses import census, compared, row_of, spread


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
    ("at_double", "leader_at_double", "within_reach", "cause", "kept"),
    [
        (0.8, 0.9, None, None, None),
        (0.9, 0.9, None, None, Kept.CAUGHT_UP),
        (float("nan"), 0.9, None, None, Kept.CAUGHT_UP),
        (0.5, 0.875, 0.875, None, Kept.STILL_LEARNING),  # it may come level
        (0.5, 0.876, 0.875, None, None),
        (None, 0.9, None, None, Kept.NO_DOUBLING_CHECK),
        (0.8, None, None, None, Kept.NO_DOUBLING_CHECK),
        (0.8, 0.9, None, "short_training", Kept.SHORT_TRAINING),
        (0.8, 0.9, None, "guessing", Kept.GUESSING),
    ],
)
def test_a_rejection_alone_excludes_nobody(at_double, leader_at_double, within_reach, cause, kept):
    """Every condition beyond the test keeps a rival by itself."""
    causes = {"short_training": cause == "short_training", "guessing": cause == "guessing"}
    assert kept_after_rejection(at_double, leader_at_double, within_reach, **causes) is kept


@pytest.mark.parametrize(
    ("at_horizon", "at_double", "perfect", "after"),
    [
        (0.5, 0.75, 1.0, 0.96875),  # half of the error is left, and half of that three times over
        (0.9, 0.8, 1.0, 1 - 0.2 * 2**3),  # twice the error each time
        (0.5, 0.75, math.inf, 1.5),  # without a perfect score there is no error
        (1.0, 1.0, 1.0, 1.0),
    ],
)
def test_a_doubling_leaves_the_same_share_of_the_error(at_horizon, at_double, perfect, after):
    """As a power law of the length of training has it."""
    assert DoublingCheck(at_horizon, at_double).after(3, perfect) == pytest.approx(after)


@pytest.mark.parametrize(
    ("check", "perfect", "missed", "after"),
    [
        (DoublingCheck(0.5, 0.75), 1.0, 0.125, 1 - 0.125 * 0.25**3),
        (DoublingCheck(0.5, 0.75), 1.0, 0.3, 1.0),  # nothing is better than perfect
        (DoublingCheck(0.5, 0.75), math.inf, 0.125, 0.875 + 3 * 0.375),
    ],
)
def test_what_a_doubling_may_have_missed_is_gained_in_each(check, perfect, missed, after):
    """A little more in the first doubling is more in every one."""
    assert check.after(3, perfect, missed) == pytest.approx(after)


def test_the_luck_of_rows_is_what_two_scores_of_one_network_differ_by():
    """It has no part in how good networks are, in how hard all of one division are, nor in failures."""
    lucky = {"search": [0.5, 0.7, 0.9, 0.0], "failed": [False, False, False, True]}
    assert census("wavelet", [0.4, 0.8, 0.9, 0.0], **lucky).luck_of_rows == pytest.approx(0.1)
    assert census("wavelet", [0.4, 0.6, 0.8, 0.0], **lucky).luck_of_rows == pytest.approx(0.0)
    assert census("wavelet", [0.4], search=[0.5]).luck_of_rows == math.inf


def test_a_rival_that_luck_alone_keeps_out_of_reach_is_kept():
    """From .52 to .63 leads to .87 and not to the leader's .91; three hundredths more in each doubling lead to .92."""
    rows = np.resize([0.02, -0.02], 24)
    rival = {"confirm": spread(0.52, 24, 0), "doubled": DoublingCheck(0.52, 0.63)}
    leader = census("convolution", spread(0.87, 24, 1), doubled=DoublingCheck(0.871, 0.913))
    exact, lucky = (census("control", search=rival["confirm"] + each, **rival) for each in (0, rows))
    assert lucky.luck_of_rows == pytest.approx(0.02 * math.sqrt(24 / 23))
    assert compared([leader, exact], score_bounds=(0.0, 1.0)).winner == "convolution"
    assert row_of(compared([leader, lucky], score_bounds=(0.0, 1.0)), "control").kept is Kept.STILL_LEARNING


def test_what_a_rival_may_come_to_decides_and_not_as_many_points_again():
    """From .49 to .65 and on by .16 each time would reach the leader; by the error it comes to .92."""
    doubled = {"convolution": DoublingCheck(0.99, 0.99), "recurrence": DoublingCheck(0.49, 0.65)}
    censuses = [census(family, spread(check.at_horizon, 24, 0), doubled=check) for family, check in doubled.items()]
    assert compared(censuses, score_bounds=(0.0, 1.0)).winner == "convolution"
    assert row_of(compared(censuses), "recurrence").kept is Kept.STILL_LEARNING
