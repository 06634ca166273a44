import numpy as np
import pytest
from scipy.stats import ttest_1samp

from search.verdict.equivalence import equivalence_power
from search.verdict.sample_size import difference_power, hosts_needed


@pytest.mark.parametrize(("effect", "n"), [(0.5, 34), (0.8, 15), (1.0, 10), (2.0, 5)])
def test_agrees_with_the_tables_for_a_t_test_of_paired_differences(effect: float, n: int):
    """At 5 % and a power of 80 %; as G*Power gives them for matched pairs, two-sided."""
    assert hosts_needed(effect, 1.0, 0.01, 0.05) == n
    assert hosts_needed(-effect, 1.0, 0.01, 0.05) == n


@pytest.mark.parametrize(("effect", "n"), [(1.2, 8), (3.0, 4)])
def test_power_is_the_share_of_samples_that_reject(effect: float, n: int):
    """20,000 samples, few or very few hosts each: within four standard errors."""
    samples = effect + np.random.default_rng(0).standard_normal((20_000, n))
    seen = np.mean(ttest_1samp(samples, 0.0, axis=1).pvalue < 0.01)
    assert difference_power(effect, 1.0, n, 0.01) == pytest.approx(seen, abs=4 * np.sqrt(seen * (1 - seen) / 20_000))


def test_a_small_difference_asks_for_as_many_as_show_that_it_is_small():
    """Equivalence within .01 takes fewer hosts than to show a difference of .001."""
    needed = hosts_needed(0.001, 0.01, 0.01, 0.05)
    assert needed is not None
    assert equivalence_power(0.001, 0.01, 0.01, needed, 0.05) >= 0.8
    assert equivalence_power(0.001, 0.01, 0.01, needed - 1, 0.05) < 0.8
    assert difference_power(0.001, 0.01, needed, 0.05) < 0.1


def test_a_stricter_level_needs_more():
    """Many contrasts, each tested more strictly."""
    once, often = hosts_needed(0.8, 1.0, 0.01, 0.05), hosts_needed(0.8, 1.0, 0.01, 0.05 / 20)
    assert once is not None
    assert often is not None
    assert often > once


@pytest.mark.parametrize(
    ("mean", "sd", "needed"), [(0.011, 1.0, None), (0.0, 1.0, None), (0.5, 0.0, 2), (100.0, 1.0, 2)]
)
def test_what_no_number_would_decide_has_none(mean: float, sd: float, needed: int | None):
    """More than a thousand hosts are no plan; hosts that all or almost agree need not be more than two."""
    assert hosts_needed(mean, sd, 0.01, 0.05) == needed
