import numpy as np
import pytest

from search.verdict.holm import holm_adjusted


def test_matches_a_calculation_by_hand():
    """.01 x 4 = .04, .02 x 3 = .06, .03 x 2 = .06, and .035 x 1 is raised to the .06 before it."""
    assert holm_adjusted([0.03, 0.01, 0.035, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_stays_within_one_and_above_the_raw_value():
    """An adjusted p-value is a probability and never below the raw one."""
    raw = np.random.default_rng(0).random(20)
    adjusted = holm_adjusted(raw)
    assert (adjusted >= raw).all()
    assert adjusted.max() <= 1


def test_one_test_or_none_needs_no_adjustment():
    """A single p-value is left alone."""
    assert holm_adjusted([0.04]).tolist() == [0.04]
    assert holm_adjusted([]).shape == (0,)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_refuses_what_is_no_probability(wrong):
    """A p-value outside 0 to 1 is a mistake of the caller."""
    with pytest.raises(ValueError, match="expected numbers between 0 and 1"):
        holm_adjusted([0.5, wrong])
