from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from search.verdict.expected_best import expected_best
from search.verdict.permutation import permutation_p_value
from tests.search.verdict.censuses import CountingGenerator, most_likely_at_most


def skewed(rng, blocks):
    quality = -np.exp(0.6 * rng.standard_normal(blocks))
    return quality + 0.1 * rng.standard_normal(blocks), quality + 0.05 * rng.standard_normal(blocks)


def exact(scores):
    return scores, scores


def studentised(first, second, best_of: int) -> float:
    """By definition: the difference over its jackknife standard error, blocks left out of both families at once."""
    without = [
        expected_best(*np.delete(first, block, axis=1), best_of)
        - expected_best(*np.delete(second, block, axis=1), best_of)
        for block in range(first.shape[1])
    ]
    difference = expected_best(*first, best_of) - expected_best(*second, best_of)
    return abs(difference) / np.sqrt((len(without) - 1) * np.var(without))


def test_equal_families_are_told_apart_as_rarely_as_promised():
    """Where nothing differs, p < .05 happens in 5 % of studies, and p < .5 in half of them."""
    rng, studies = np.random.default_rng(0), 500
    p = np.array([permutation_p_value(skewed(rng, 12), skewed(rng, 12), 6, rng, 199) for _ in range(studies)])
    assert binom.ppf(0.001, studies, 0.05) <= (p <= 0.05).sum() <= most_likely_at_most(0.05, studies)
    assert binom.ppf(0.001, studies, 0.5) <= (p <= 0.5).sum() <= most_likely_at_most(0.5, studies)


def test_a_wide_family_is_not_mistaken_for_a_worse_one():
    """Families of equal expected best but different spread are told apart rarely; an unscaled test does in 20 %."""
    rng, studies, best_of = np.random.default_rng(1), 400, 8
    maximum = rng.standard_normal((100_000, best_of)).max(axis=1).mean()
    rejections = 0
    for _ in range(studies):
        wide = exact(rng.standard_normal(24))
        narrow = exact(0.7 * maximum + 0.3 * rng.standard_normal(24))
        rejections += permutation_p_value(wide, narrow, best_of, rng, 199) <= 0.05
    assert rejections <= most_likely_at_most(0.1, studies) < 0.2 * studies


def test_a_planted_difference_is_found():
    """A family that is better by three standard deviations has the smallest p there is among these swappings."""
    rng = np.random.default_rng(2)
    better, worse = exact(3 + rng.standard_normal(24)), exact(rng.standard_normal(24))
    assert permutation_p_value(better, worse, 8, rng, 999) < 0.005


def test_luck_that_families_share_cancels():
    """The networks of a block share their division of the rows; a difference far smaller than its luck is found."""
    rng = np.random.default_rng(10)
    luck = 5 * rng.random(24)
    better, worse = exact(0.3 + luck + rng.random(24) / 10), exact(luck + rng.random(24) / 10)
    assert permutation_p_value(better, worse, 1, rng, 999) < 0.005


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (([5, 2, 9, 0, 4], [0, 3, 3, 4, 7]), ([9, 8, 4, 6, 3], [3, 5, 9, 5, 4])),
        (([8, 5, 2, 9, 3], [4, 9, 6, 8, 6]), ([1, 5, 4, 7, 6], [9, 3, 2, 4, 9])),
    ],
)
def test_p_is_the_share_of_swappings_that_differ_as_much(first, second):
    """Of all 32 of five blocks, in standard errors; in another unit of the scores it is the same."""
    first, second = np.array(first, float), np.array(second, float)
    observed = studentised(first, second, 2) * (1 - 1e-9)
    swappings = [np.array(swapped) for swapped in product([False, True], repeat=5)]
    as_extreme = [
        studentised(np.where(swapped, second, first), np.where(swapped, first, second), 2) >= observed
        for swapped in swappings
    ]
    for unit in (1.0, 1e-6, 1e6):
        p = permutation_p_value(tuple(unit * first), tuple(unit * second), 2, np.random.default_rng(11), 4000)
        assert p == pytest.approx(np.mean(as_extreme), abs=4 * np.sqrt(0.25 / 4000))


def test_p_is_never_zero():
    """The true labels are one of the swappings, so the smallest p is 1 / (B + 1)."""
    rng = np.random.default_rng(3)
    better, worse = exact(100 + rng.standard_normal(40)), exact(rng.standard_normal(40))
    assert permutation_p_value(better, worse, 8, rng, 99) == pytest.approx(1 / 100)
    assert permutation_p_value(better, worse, 8, rng) == pytest.approx(1 / 2001)


def test_large_censuses_are_swapped_as_often_as_small_ones():
    """However much of it fits into memory at once, and each of them counts."""
    rng = CountingGenerator(np.random.PCG64(0))
    same = exact(rng.standard_normal(3000))
    assert permutation_p_value(same, same, 1, rng, 88) == 1
    assert rng.rows == 88


def test_swapping_the_families_changes_nothing():
    """The test is two-sided: which family comes first does not matter."""
    rng = np.random.default_rng(4)
    first, second = skewed(rng, 10), skewed(rng, 10)
    forward = permutation_p_value(first, second, 5, np.random.default_rng(5))
    assert forward == permutation_p_value(second, first, 5, np.random.default_rng(5))
    unequal = permutation_p_value(first, second, (5, 2), np.random.default_rng(5))
    assert unequal == permutation_p_value(second, first, (2, 5), np.random.default_rng(5))


def test_scores_of_a_configuration_swap_together():
    """Two blocks allow four swappings of whole configurations, two of them as extreme as the labels: p is about 1/2."""
    first = np.array([0.0, 1.0]), np.array([5.0, 9.0])
    second = np.array([2.0, 3.0]), np.array([1.0, 2.0])
    p = permutation_p_value(first, second, 2, np.random.default_rng(6), 4000)
    assert p == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 4000))


def test_identical_families_are_not_told_apart():
    """No difference at all gives p = 1, also where scores do not vary."""
    constant = exact(np.full(12, 0.7))
    assert permutation_p_value(constant, constant, 6, np.random.default_rng(7), 99) == 1
    same = exact(np.random.default_rng(8).standard_normal(12))
    assert permutation_p_value(same, same, 6, np.random.default_rng(7), 99) == 1


@pytest.mark.parametrize("blocks", [0, 1])
def test_nothing_can_be_tested_without_two_blocks(blocks):
    """One configuration a family tells nothing."""
    assert permutation_p_value(exact(np.ones(blocks)), exact(np.zeros(blocks)), 1, np.random.default_rng(0)) == 1


def test_five_blocks_cannot_reject():
    """With five blocks two of 32 swappings are always as extreme as the labels, so p is about 1/16 at least."""
    first, second = exact(np.arange(5) + 100.0), exact(np.arange(5.0))
    p = permutation_p_value(first, second, 2, np.random.default_rng(9), 8000)
    assert p == pytest.approx(1 / 16, abs=4 * np.sqrt(1 / 16 / 8000))


def test_families_need_the_same_blocks():
    """Labels are swapped within blocks, so both families have all of them."""
    with pytest.raises(ValueError, match="blocks"):
        permutation_p_value(exact(np.ones(4)), exact(np.ones(5)), 2, np.random.default_rng(0))
