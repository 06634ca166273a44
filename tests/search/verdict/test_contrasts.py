from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from search.verdict.contrasts import (
    AdjustedTests,
    Decision,
    PairedScores,
    compare_contrasts,
    decide,
    difference_p_value,
)
from search.verdict.holm import holm_adjusted
from search.verdict.sample_size import hosts_needed

CLEAR = np.array([0.18, 0.2, 0.16, 0.19, 0.17, 0.18])


def paired(effects, *, seeds: int = 3, seed_sd: float = 0.002, base: float = 0.7, seed: int = 0) -> PairedScores:
    """Both arms of hosts with these effects; the option is better by them."""
    effects = np.asarray(effects, float)
    luck = seed_sd * np.random.default_rng(seed).standard_normal((2, len(effects), seeds))
    scores = base + luck + np.stack([effects, np.zeros_like(effects)])[:, :, None]
    return PairedScores("connection", "residual", "plain", scores, np.zeros(scores.shape, bool))


def decision_on(effects, **changes) -> Decision:
    return compare_contrasts([paired(effects, **changes)], 0.01)[0].decision


def test_the_host_is_the_unit():
    """Difference, interval and p-value are those of a t-test on the hosts' means, seeds within hosts averaged."""
    contrast = paired([0.05, 0.02, 0.07, 0.04, 0.01, 0.06], seed_sd=0.01)
    row = compare_contrasts([contrast], 0.01)[0]
    test = ttest_1samp(contrast.differences.mean(axis=1), 0.0)
    interval = test.confidence_interval(0.95)
    assert (row.difference, row.p_adjusted) == pytest.approx((contrast.differences.mean(), test.pvalue))
    assert row.interval == pytest.approx((interval.low, interval.high))
    assert row.effect_size == pytest.approx(test.statistic / np.sqrt(6))
    assert (row.hosts, row.hosts_positive) == (6, 6)
    assert row.reference_score == pytest.approx(contrast.scores[1].mean())


@pytest.mark.parametrize(
    ("effects", "decision"),
    [
        (CLEAR, Decision.HELPS),
        (-CLEAR, Decision.HURTS),
        ([0.002, -0.001, 0.001, -0.002, 0.0, 0.001], Decision.EQUIVALENT),
        ([0.004, 0.005, 0.004, 0.005, 0.004, 0.005], Decision.EQUIVALENT),  # sure, and too small to matter
        ([0.3, 0.3, 0.0, 0.0, 0.0, 0.0], Decision.DEPENDS),  # some gain, the others do not
        ([0.2, 0.2, 0.2, -0.2, -0.2, -0.2], Decision.DEPENDS),
        ([0.5, 0.5, 0.5, 0.5, 0.5, -0.05], Decision.DEPENDS),  # one host loses
        ([0.3, 0.1, 0.2, 0.25, 0.15, 0.2], Decision.HELPS),  # more or less, but all of them
    ],
)
def test_what_follows_from_clear_effects(effects, decision: Decision):
    """Seeds agree, so that the hosts' effects are plain to see."""
    assert decision_on(effects) is decision


def test_what_the_luck_of_seeds_hides_is_undecided():
    """With the number of hosts that would show it."""
    row = compare_contrasts([paired([0.02, -0.01, 0.03, 0.0, 0.02, 0.01], seed_sd=0.0)], 0.01)[0]
    assert row.decision is Decision.UNDECIDED
    effects = np.array([0.02, -0.01, 0.03, 0.0, 0.02, 0.01])
    assert row.hosts_needed == hosts_needed(effects.mean(), effects.std(ddof=1), 0.01, 0.05)
    assert row.hosts_needed > row.hosts


def test_luck_that_both_arms_share_cancels():
    """They have the same seeds: hosts are seen to disagree by less than scores vary from seed to seed."""
    luck = 0.3 * np.random.default_rng(0).standard_normal((6, 3))
    effects = np.array([0.3, 0.3, 0.3, -0.3, -0.3, -0.3])
    scores = luck + np.stack([effects, np.zeros(6)])[:, :, None]
    contrast = PairedScores("connection", "residual", "plain", scores, np.zeros(scores.shape, bool))
    assert contrast.differences == pytest.approx(np.repeat(effects[:, None], 3, axis=1))
    assert compare_contrasts([contrast], 0.01)[0].decision is Decision.DEPENDS


def test_what_is_decided_needs_no_more_hosts():
    """The number is told where something is open alone."""
    assert compare_contrasts([paired(CLEAR)], 0.01)[0].hosts_needed is None


def test_three_hosts_decide_nothing():
    """However clear they are; one more may."""
    assert decision_on(CLEAR[:3]) is Decision.UNDECIDED
    assert decision_on(CLEAR[:4]) is Decision.HELPS


def test_each_test_is_adjusted_over_all_contrasts():
    """Holm's method, for the difference, the equivalence and the disagreement alike; rows stay in order."""
    contrasts = [paired(effects, seed=n) for n, effects in enumerate((CLEAR, 0.1 * CLEAR, CLEAR - 0.18))]
    alone = [compare_contrasts([contrast], 0.01)[0] for contrast in contrasts]
    together = compare_contrasts(contrasts, 0.01)
    for p in ("p_adjusted", "equivalence_p_adjusted", "disagreement_p_adjusted"):
        assert [getattr(row, p) for row in together] == pytest.approx(holm_adjusted([getattr(row, p) for row in alone]))


def test_more_contrasts_ask_for_more_hosts():
    """Each is planned at the strictest level that Holm's method may ask of it."""
    open_one = paired([0.02, -0.01, 0.03, 0.0, 0.02, 0.01])
    alone = compare_contrasts([open_one], 0.01)[0].hosts_needed
    among = compare_contrasts([open_one] * 5, 0.01)[0].hosts_needed
    assert alone is not None
    assert among is not None
    assert among > alone


def test_what_matters_is_at_least_half_the_luck_of_a_seed():
    """Where scores vary by .1 from seed to seed, ε is .05 rather than .01; where they hardly vary it is the user's."""
    noisy = paired(np.zeros(6), seed_sd=0.1, seeds=30)
    assert compare_contrasts([noisy], 0.01)[0].epsilon == pytest.approx(0.05, rel=0.1)
    assert compare_contrasts([paired(np.zeros(6))], 0.01)[0].epsilon == 0.01


def test_networks_that_collapse_under_some_seeds_do_not_make_large_differences_small():
    """Failures count as the worst score, and not as luck."""
    contrast = paired(np.full(6, 0.1))
    scores, failed = contrast.scores.copy(), contrast.failed.copy()
    scores[1, :4, 0], failed[1, :4, 0] = 0.0, True
    row = compare_contrasts([replace(contrast, scores=scores, failed=failed)], 0.01)[0]
    assert row.epsilon == 0.01
    assert row.difference > 0.2


def test_all_failed_networks_have_no_luck():
    """There is no deviation to speak of, and no difference."""
    nothing = PairedScores("gate", "cbam", "none", np.zeros((2, 6, 3)), np.ones((2, 6, 3), bool))
    assert nothing.seed_deviation == 0.0
    row = compare_contrasts([nothing], 0.01)[0]
    assert (row.effect_size, row.difference, row.decision) == (None, 0.0, Decision.EQUIVALENT)


def test_one_seed_tells_of_hosts_but_not_of_luck():
    """Without a second seed nobody can say whether hosts disagree."""
    row = compare_contrasts([paired([0.3, 0.3, 0.0, 0.0, 0.0, 0.0], seeds=1)], 0.01)[0]
    assert (row.decision, row.disagreement_p_adjusted, row.epsilon) == (Decision.UNDECIDED, 1.0, 0.01)


@pytest.mark.parametrize(("effects", "p"), [((0.1, 0.1), 0.0), ((0.0, 0.0), 1.0)])
def test_hosts_that_all_agree_leave_no_doubt(effects, p: float):
    """Where no host differs from another there is no error to test against."""
    assert difference_p_value(np.array(effects)) == p


def test_a_significant_difference_is_none_where_it_is_shown_not_to_matter():
    """Equivalence goes first."""
    assert (
        decide(CLEAR, 0.5, AdjustedTests(difference=0.001, equivalence=0.001, disagreement=1.0)) is Decision.EQUIVALENT
    )


@pytest.mark.parametrize(
    ("effects", "decision"),
    [
        ([-0.011, 0.2, 0.2, 0.2], Decision.DEPENDS),
        ([-0.01, 0.2, 0.2, 0.2], Decision.HELPS),
        ([0.005, 0.2, 0.2, 0.2], Decision.HELPS),
        ([0.011, -0.2, -0.2, -0.2], Decision.DEPENDS),
        ([0.01, -0.2, -0.2, -0.2], Decision.HURTS),
    ],
)
def test_hosts_oppose_each_other_by_more_than_what_matters(effects, decision: Decision):
    """Some gain more than ε and others lose more; where only one side does, the mean speaks for all."""
    tests = AdjustedTests(difference=0.001, equivalence=1.0, disagreement=0.001)
    assert decide(np.array(effects), 0.01, tests) is decision


def test_significance_means_below_five_percent():
    """A p-value of exactly .05 shows nothing."""
    assert decide(CLEAR, 0.01, AdjustedTests(0.05, 0.05, 0.05)) is Decision.UNDECIDED
    assert decide(CLEAR, 0.01, AdjustedTests(0.01, 0.05, 0.05)) is Decision.HELPS


def test_a_host_that_neither_gains_nor_loses_is_not_counted_among_the_positive():
    """Five of these six gain."""
    assert compare_contrasts([paired([0.0, *CLEAR[1:]], seed_sd=0.0)], 0.01)[0].hosts_positive == 5


def test_no_contrasts_are_no_rows():
    """A study that tested none."""
    assert compare_contrasts([], 0.01) == []
