import numpy as np
import pytest
from scipy.stats import binom
from scipy.stats import t as student

from search.verdict.bootstrap import difference_interval, expected_best_interval
from search.verdict.expected_best import expected_best
from tests.search.verdict.censuses import CountingGenerator


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


@pytest.mark.parametrize("sign", [1, -1])
def test_each_end_is_the_wider_of_the_percentile_and_of_the_t_interval(sign):
    """Of m = 1 they are the textbook's for a mean; of skewed scores each is the wider one at one end."""
    scores = sign * np.exp(1.5 * np.random.default_rng(0).standard_normal(24))
    means = scores[np.random.default_rng(1).integers(24, size=(2000, 24))].mean(axis=1)
    percentile = np.quantile(means, [0.025, 0.975])
    margin = student.isf(0.025, 23) * scores.std(ddof=1) / np.sqrt(24)
    t_interval = (scores.mean() - margin, scores.mean() + margin)
    ends = (min(percentile[0], t_interval[0]), max(percentile[1], t_interval[1]))
    assert ends == ((t_interval[0], percentile[1]) if sign > 0 else (percentile[0], t_interval[1]))
    assert expected_best_interval(exact(scores), 1, np.random.default_rng(1)) == pytest.approx(ends)
    difference = difference_interval(exact(scores), exact(np.zeros(24)), 1, np.random.default_rng(1))
    assert difference == pytest.approx(ends)


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


def test_large_censuses_are_resampled_as_often_as_small_ones():
    """However much of it fits into memory at once."""
    rng = CountingGenerator(np.random.PCG64(0))
    expected_best_interval(exact(rng.standard_normal(3000)), 8, rng, 200)
    assert rng.rows == 200


def test_two_configurations_tell_little():
    """Student's t with one degree of freedom reaches far beyond both."""
    low, high = expected_best_interval(exact(np.array([0.0, 1.0])), 1, np.random.default_rng(0), 50)
    margin = student.isf(0.025, 1) * np.sqrt(0.5) / np.sqrt(2)
    assert (low, high) == pytest.approx((0.5 - margin, 0.5 + margin))


def test_one_configuration_gives_a_point():
    """A single configuration has no spread to show."""
    assert expected_best_interval(exact(np.array([0.4])), 1, np.random.default_rng(0), 50) == pytest.approx((0.4, 0.4))
