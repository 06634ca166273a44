import numpy as np
import pytest
from scipy.stats import linregress

from search.verdict.component_statements import component_statements
from search.verdict.contrasts import Decision, PairedScores, compare_contrasts
from search.verdict.depth_interaction import depth_p_value
from search.verdict.holm import holm_adjusted
from tests.search.verdict.censuses import ACCURACY, RMSE, most_likely_at_most

DEPTHS = np.array([1, 1, 2, 2, 3, 4, 6, 8])
DEEPER_IS_MORE = np.array([0.0, 0.01, 0.02, 0.0, 0.15, 0.2, 0.22, 0.25])


def contrast(effects, depths=DEPTHS, component="connection", option="residual") -> PairedScores:
    effects = np.asarray(effects, float)
    luck = 0.002 * np.random.default_rng(0).standard_normal((2, len(effects), 3))
    scores = 0.6 + luck + np.stack([effects, np.zeros_like(effects)])[:, :, None]
    return PairedScores(component, option, "plain", scores, np.zeros(scores.shape, bool), depths)


def test_an_effect_that_grows_with_depth_is_told():
    """Of the more even halves: up to two blocks and beyond."""
    row = compare_contrasts([contrast(DEEPER_IS_MORE)], 0.01)[0]
    assert row.depth.border == 2
    assert (row.depth.shallow, row.depth.deep) == pytest.approx((0.0075, 0.205), abs=0.003)
    assert component_statements([row], ACCURACY) == [
        "residual connections help (+.11 [.01, .20], 7 of 8 hosts): "
        "+.008 in networks of up to 2 blocks, +.20 in deeper ones."
    ]


def test_of_errors_it_is_told_how_much_they_fall():
    """RMSE has no plus sign for better."""
    row = compare_contrasts([contrast(DEEPER_IS_MORE)], 0.01)[0]
    assert "in networks of up to 2 blocks, 1.0" in component_statements([row], RMSE)[0]


@pytest.mark.parametrize(
    "silent",
    [
        contrast(DEEPER_IS_MORE, component="gate"),  # declared for connections alone
        contrast(DEEPER_IS_MORE, depths=None),  # a record of an earlier version
        contrast(DEEPER_IS_MORE, depths=np.ones(8, int)),  # all as deep
        contrast(DEEPER_IS_MORE[3:], depths=DEPTHS[3:]),  # five hosts
        contrast(DEEPER_IS_MORE[::-1] * np.array([1, -1] * 4)),  # depth explains nothing
        contrast([0.1] * 8),  # as much everywhere
        contrast(DEEPER_IS_MORE / 100),  # too small to matter
    ],
)
def test_otherwise_nothing_is_said_of_depth(silent: PairedScores):
    """Each reason is enough."""
    assert compare_contrasts([silent], 0.01)[0].depth is None


def test_it_is_adjusted_for_the_contrasts_so_tested():
    """What is shown of one connection alone may not be among three."""
    rng = np.random.default_rng(0)
    contrasts = [contrast(0.1 + 0.03 * np.log(DEPTHS) + 0.04 * rng.standard_normal(8), option=str(n)) for n in range(3)]
    p_values = np.array([linregress(np.log(DEPTHS), each.differences.mean(axis=1)).pvalue for each in contrasts])
    alone = [compare_contrasts([each], 0.01)[0] for each in contrasts]
    together = compare_contrasts(contrasts, 0.01)
    assert all(row.decision is Decision.HELPS for row in (*alone, *together))
    assert [row.depth is not None for row in alone] == (p_values < 0.05).tolist()
    assert [row.depth is not None for row in together] == (holm_adjusted(p_values) < 0.05).tolist()
    assert ((p_values < 0.05) & (holm_adjusted(p_values) >= 0.05)).any()


def test_depth_that_does_nothing_is_seldom_said_to():
    """In at most 5 % of studies in which a connection helps all hosts, more or less."""
    studies = 400
    rng = np.random.default_rng(0)
    effects = 0.1 + 0.03 * rng.standard_normal((studies, 8))
    claims = sum(depth_p_value(each, DEPTHS) < 0.05 for each in effects)
    assert 0 < claims <= most_likely_at_most(0.05, studies)
