import numpy as np
import pytest
from scipy.stats import binom

from search.verdict.bootstrap import difference_interval, expected_best_interval
from search.verdict.expected_best import expected_best


def exact(scores):
    return scores, scores


def test_interval_of_a_family_holds_the_truth():
    """For uniform scores, E_8 = 8/9 lies inside in at least 90 % of studies of 24 configurations, seldom in all."""
    rng, studies = np.random.default_rng(0), 300
    ends = [expected_best_interval(exact(rng.random(24)), 8, rng, 200) for _ in range(studies)]
    covered = sum(low <= 8 / 9 <= high for low, high in ends)
    assert binom.ppf(0.001, studies, 0.9) <= covered <= binom.ppf(0.999, studies, 0.98)


def test_interval_of_a_difference_holds_the_truth():
    """A true difference of .3 lies inside in at least 90 % of studies, and blocks both families share cancel."""
    rng, studies, covered, widths = np.random.default_rng(1), 300, 0, []
    for _ in range(studies):
        luck = 5 * rng.random(24)
        better, worse = exact(0.3 + luck + rng.random(24) / 10), exact(luck + rng.random(24) / 10)
        low, high = difference_interval(better, worse, 1, rng, 200)
        covered += low <= 0.3 <= high
        widths.append(high - low)
    assert binom.ppf(0.001, studies, 0.9) <= covered <= binom.ppf(0.999, studies, 0.98)
    assert np.mean(widths) < 0.1  # unpaired, the luck of the blocks alone would make it 1.6


def test_interval_holds_the_estimate():
    """The estimate is never outside its own interval."""
    scores = np.random.default_rng(2).standard_normal(9)
    low, high = expected_best_interval(exact(scores), 4, np.random.default_rng(3), 100)
    assert low < expected_best(scores, scores, 4) < high


def test_difference_turns_around_with_the_families():
    """The interval of second minus first is the mirror image of first minus second."""
    rng = np.random.default_rng(4)
    first, second = exact(rng.random(12)), exact(rng.random(12))
    low, high = difference_interval(first, second, (6, 2), np.random.default_rng(5), 200)
    assert difference_interval(second, first, (2, 6), np.random.default_rng(5), 200) == pytest.approx((-high, -low))


def test_one_configuration_gives_a_point():
    """A single configuration has no spread to show."""
    assert expected_best_interval(exact(np.array([0.4])), 1, np.random.default_rng(0), 50) == pytest.approx((0.4, 0.4))
