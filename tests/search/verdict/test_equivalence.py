import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from search.verdict.equivalence import equivalence_p_value, equivalence_power


def test_agrees_with_the_two_one_sided_tests_it_stands_for():
    """The larger of the p-values against `mean <= -ε` and against `mean >= ε`."""
    rng = np.random.default_rng(0)
    for shift in (-0.02, 0.0, 0.004, 0.03):
        differences = shift + 0.01 * rng.standard_normal(8)
        above = ttest_1samp(differences, -0.02, alternative="greater").pvalue
        below = ttest_1samp(differences, 0.02, alternative="less").pvalue
        assert equivalence_p_value(differences, 0.02) == pytest.approx(max(above, below))


def test_is_significant_where_the_90_percent_interval_lies_within_epsilon():
    """Schuirmann's other form of the same rule."""
    differences = np.array([0.004, -0.003, 0.006, 0.001, -0.002, 0.003])
    margin = student.isf(0.05, 5) * np.std(differences, ddof=1) / np.sqrt(6)
    reach = abs(differences.mean()) + margin
    assert equivalence_p_value(differences, 1.01 * reach) < 0.05 < equivalence_p_value(differences, 0.99 * reach)


@pytest.mark.parametrize(("difference", "p"), [(0.0, 0.0), (0.009, 0.0), (-0.009, 0.0), (0.01, 1.0), (0.3, 1.0)])
def test_hosts_that_all_agree_decide_without_doubt(difference: float, p: float):
    """Where no host differs from another there is no error to test against."""
    assert equivalence_p_value(np.full(6, difference), 0.01) == p


@pytest.mark.parametrize(("mean", "n"), [(0.0, 6), (0.004, 12), (-0.004, 12), (0.01, 30)])
def test_power_is_the_share_of_samples_that_show_equivalence(mean: float, n: int):
    """20,000 samples, sd .01, ε .01: within four standard errors of their share; at ε itself it is the level."""
    rng = np.random.default_rng(n)
    samples = mean + 0.01 * rng.standard_normal((20_000, n))
    error = samples.std(axis=1, ddof=1) / np.sqrt(n)
    seen = np.mean(student.sf((0.01 - np.abs(samples.mean(axis=1))) / error, n - 1) < 0.05)
    expected = equivalence_power(mean, 0.01, 0.01, n, 0.05)
    assert expected == pytest.approx(seen, abs=4 * np.sqrt(max(seen, 0.01) / 20_000))
