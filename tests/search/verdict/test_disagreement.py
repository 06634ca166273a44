import numpy as np
import pytest
from scipy.stats import f_oneway

from search.verdict.disagreement import disagreement_p_value
from tests.search.verdict.censuses import most_likely_at_most


def test_without_a_margin_it_is_the_one_way_analysis_of_variance():
    """With ε = 0 any spread of the hosts counts."""
    differences = np.random.default_rng(0).standard_normal((8, 3))
    assert disagreement_p_value(differences, 0.0) == pytest.approx(f_oneway(*differences).pvalue)


def test_a_spread_that_makes_no_difference_in_practice_is_no_disagreement():
    """Hosts that differ surely but by a thousandth agree within a hundredth."""
    differences = 0.001 * np.arange(8.0)[:, None] + 1e-6 * np.random.default_rng(0).standard_normal((8, 3))
    assert disagreement_p_value(differences, 0.0) < 1e-6
    assert disagreement_p_value(differences, 0.01) > 0.9


def test_hosts_that_gain_and_hosts_that_lose_disagree():
    """Far beyond the luck of seeds."""
    effects = np.array([0.1, 0.1, 0.1, 0.1, -0.1, -0.1])
    differences = effects[:, None] + 0.01 * np.random.default_rng(0).standard_normal((6, 2))
    assert disagreement_p_value(differences, 0.01) < 1e-4


@pytest.mark.parametrize(("spread", "margin"), [(0.0, 0.0), (0.01, 0.01)])
def test_hosts_at_the_margin_seldom_disagree(spread: float, margin: float):
    """Without a spread and no margin, or a spread as large as the margin, 5 % at most of a thousand studies."""
    rng = np.random.default_rng(1)
    effects = spread * rng.standard_normal((1000, 8, 1))
    studies = effects + 0.01 * rng.standard_normal((1000, 8, 3))
    false = sum(disagreement_p_value(study, margin) < 0.05 for study in studies)
    assert 0 < false <= most_likely_at_most(0.05, 1000)


@pytest.mark.parametrize("shape", [(1, 3), (6, 1)])
def test_one_host_or_one_seed_cannot_tell(shape: tuple[int, int]):
    """There is no luck of seeds to compare with."""
    assert disagreement_p_value(np.random.default_rng(0).standard_normal(shape), 0.01) == 1.0


@pytest.mark.parametrize(
    ("effects", "p"), [((0.1, 0.1), 1.0), ((0.1, 0.2), 0.0), ((0.25, 0.25), 1.0), ((0.25, 0.5), 0.0)]
)
def test_seeds_without_any_luck_leave_no_doubt(effects: tuple[float, float], p: float):
    """No seed changes a score, or by rounding alone, so any spread of the hosts is real."""
    assert disagreement_p_value(np.repeat(np.array(effects)[:, None], 3, axis=1), 0.0) == pytest.approx(p)
