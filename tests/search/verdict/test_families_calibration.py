"""How often the comparison claims what is not there."""

import numpy as np

from search.verdict.census import DoublingCheck
from tests.search.verdict.censuses import census, compared, most_likely_at_most, row_of


def test_equal_families_rarely_have_a_winner():
    """Five families without a difference: a winner in at most 5 % of studies, the best excluded in at most 5 %."""
    studies, blocks = 250, 12
    rng = np.random.default_rng(0)
    names = ("feedforward", "convolution", "recurrence", "wavelet", "attention")
    winners, first_excluded = 0, 0
    for seed in range(studies):
        quality = -np.exp(0.6 * rng.standard_normal((5, blocks)))
        search, confirm = (quality + noise * rng.standard_normal((5, blocks)) for noise in (0.1, 0.05))
        censuses = [
            census(name, confirm[k], search=search[k], doubled=DoublingCheck(confirm[k].mean(), confirm[k].mean()))
            for k, name in enumerate(names)
        ]
        comparison = compared(censuses, seed=seed, resamples=200)
        winners += comparison.winner is not None
        first_excluded += row_of(comparison, names[0]).excluded
    assert winners <= most_likely_at_most(0.05, studies)
    assert first_excluded <= most_likely_at_most(0.05, studies)


def test_two_equal_families_have_a_winner_as_rarely():
    """With one rival the test alone decides, the case in which most false winners are named."""
    studies, winners = 300, 0
    rng = np.random.default_rng(1)
    for seed in range(studies):
        scores = {name: -np.exp(0.6 * rng.standard_normal(12)) for name in ("attention", "recurrence")}
        means = {name: DoublingCheck(values.mean(), values.max()) for name, values in scores.items()}
        censuses = [census(name, values, doubled=means[name]) for name, values in scores.items()]
        winners += compared(censuses, seed=seed, resamples=200, epsilon=100).winner is not None
    assert 0 < winners <= most_likely_at_most(0.05, studies)
