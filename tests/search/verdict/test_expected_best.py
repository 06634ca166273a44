from itertools import combinations

import numpy as np
import pytest

from search.verdict.expected_best import best_of_weights, expected_best, expected_best_curve


@pytest.mark.parametrize("best_of", range(1, 8))
def test_is_the_mean_over_all_subsets(best_of):
    """E_m is the mean, over every subset of m, of the confirm score of the subset's best by search score."""
    rng = np.random.default_rng(best_of)
    search, confirm = rng.standard_normal((2, 7))
    subsets = [list(subset) for subset in combinations(range(7), best_of)]
    brute_force = np.mean([confirm[subset][search[subset].argmax()] for subset in subsets])
    assert expected_best(search, confirm, best_of) == pytest.approx(brute_force, abs=1e-12)


def test_search_scores_only_pick():
    """A monotone change of the search scores changes nothing, one of the confirm scores does."""
    search, confirm = np.random.default_rng(0).standard_normal((2, 9))
    assert expected_best(np.exp(search), confirm, 3) == expected_best(search, confirm, 3)
    assert expected_best(search, confirm + 1, 3) == pytest.approx(expected_best(search, confirm, 3) + 1)


def test_is_unbiased():
    """Over many small censuses the estimates average to the true expected maximum, n / (n + 1) for uniform scores."""
    censuses, trials, best_of = 4000, 10, 4
    rng = np.random.default_rng(1)
    estimates = [expected_best(scores, scores, best_of) for scores in rng.random((censuses, trials))]
    four_standard_errors = 4 * np.std(estimates) / np.sqrt(censuses)
    assert np.mean(estimates) == pytest.approx(best_of / (best_of + 1), abs=four_standard_errors)
    assert four_standard_errors < 0.01  # the plug-in estimator is off by .02 here and would fail


def test_ties_keep_the_order_of_the_blocks():
    """Equal search scores are ranked by block, so the last block counts as the best."""
    assert expected_best([1.0, 1.0, 1.0], [0.1, 0.2, 0.9], best_of=3) == pytest.approx(0.9)
    tied, block = np.random.default_rng(0).integers(3, size=1000), np.arange(1000.0)
    last = np.flatnonzero(tied == 2)[-1]
    assert expected_best(tied, block, best_of=1000) == pytest.approx(last)
    assert expected_best_curve(tied, block)[-1] == pytest.approx(last)


def test_curve_never_falls_where_both_scores_agree():
    """Trying more never hurts when the score that picks is the score that counts."""
    scores = np.random.default_rng(2).standard_normal(30)
    curve = expected_best_curve(scores, scores)
    assert (np.diff(curve) >= -1e-12).all()
    assert curve[0] == pytest.approx(scores.mean())
    assert curve[-1] == pytest.approx(scores.max())


def test_curve_holds_every_expected_best():
    """Entry m - 1 of the curve is E_m, and no trials make an empty curve."""
    search, confirm = np.random.default_rng(3).standard_normal((2, 11))
    assert expected_best_curve(search, confirm)[4] == pytest.approx(expected_best(search, confirm, 5))
    assert expected_best_curve([], []).shape == (0,)


def test_weights_stay_exact_for_many_trials():
    """Ten thousand trials neither overflow nor lose precision: the best of all has weight m / N."""
    weights = best_of_weights(10_000, 8)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights[-1] == pytest.approx(8 / 10_000, rel=1e-6)


@pytest.mark.parametrize("best_of", [0, 6])
def test_refuses_an_impossible_subset(best_of):
    """A subset is not empty and not larger than the census."""
    with pytest.raises(ValueError, match="expected between 1 and the 5 trials"):
        best_of_weights(5, best_of)
