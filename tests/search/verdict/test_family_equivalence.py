import numpy as np
import pytest

from search.verdict.census import DoublingCheck
from search.verdict.family_equivalence import is_equivalent
from tests.search.verdict.censuses import RMSE, census, compared, most_likely_at_most, row_of, verdict_on

NAMES = ("attention", "convolution")


def alike(spread=0.002, *, blocks=24, seed=0, gain=0.0, behind=0.0, **fields):
    """Two families around .9, the second this much behind, and a third far off."""
    rng = np.random.default_rng(seed)
    centres = {"attention": 0.9, "convolution": 0.9 - behind, "recurrence": 0.5}
    return [
        census(
            family,
            centre + spread * rng.standard_normal(blocks),
            doubled=DoublingCheck(centre, centre + gain),
            **fields,
        )
        for family, centre in centres.items()
    ]


def test_families_that_hardly_differ_are_equivalent():
    """It is told of both, by less than what; which of them is best is no open question any more."""
    verdict = verdict_on(alike())
    assert "is shown to differ from" in verdict.sentence
    assert "by less than .01." in verdict.sentence
    assert not [question for question in verdict.undecided if "is best" in question]


def test_a_hair_is_no_difference_in_practice():
    """A rival that is excluded by less than epsilon is told to be as good in practice."""
    comparison = compared(alike(0.0005, behind=0.003))
    rival = row_of(comparison, "convolution")
    assert rival.excluded
    assert rival.equivalent
    sentence = verdict_on(alike(0.0005, behind=0.003)).sentence
    assert sentence.startswith("On digits, attention wins")
    assert "Convolution is shown to differ from attention by less than .01." in sentence


def test_it_is_told_in_the_unit_of_the_metric():
    """A hundredth of a score of RMSE is a hundredth of the numbers' deviation, 5."""
    assert "by less than .05." in verdict_on(alike(), metric=RMSE).sentence


@pytest.mark.parametrize(
    "open_case",
    [
        {"spread": 0.05},
        {"blocks": 5},
        {"steps": 499},
        {"gain": 0.02},
        {"behind": 0.02},
    ],
)
def test_what_is_not_shown_is_not_claimed(open_case):
    """Scores that vary, few trials, short training, families still learning, a difference: each alone is enough."""
    assert not any(row.equivalent for row in compared(alike(**open_case)).rows)


def test_without_the_doubling_check_nothing_is_equivalent():
    """Families that tie early may part later."""
    censuses = alike()
    unchecked = [census(c.family, c.confirm, doubled=None) for c in censuses[:1]] + censuses[1:]
    assert not any(row.equivalent for row in compared(unchecked).rows)


def test_a_difference_of_epsilon_is_seldom_called_none():
    """At the very edge the claim is wrong in at most 5 % of studies."""
    studies, claims, epsilon = 300, 0, 0.01
    rng = np.random.default_rng(0)
    for _ in range(studies):
        first, second = 0.005 * rng.standard_normal((2, 24))
        claims += is_equivalent(
            (first, first),
            (second - epsilon, second - epsilon),
            (8, 8),
            epsilon=epsilon,
            significance=0.05,
            rng=rng,
            resamples=400,
        )
    assert claims <= most_likely_at_most(0.05, studies)


def test_equal_families_with_little_luck_are_found_equivalent():
    """Where a configuration's luck is a fifth of epsilon the claim is made in four studies of five."""
    studies, claims = 100, 0
    for seed in range(studies):
        claims += any(row.equivalent for row in compared(alike(0.002, seed=seed)).rows)
    assert claims >= 0.8 * studies
