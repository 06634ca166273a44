from dataclasses import replace

import numpy as np

from search.verdict.sentence import verdict_sentence
from tests.search.verdict.censuses import (
    APART,
    census,
    compared,
    planted,
    verdict_on,
)


def test_sole_winner():
    """The sentence names the winner, by how much, over how many rivals, and the effort; no caveat follows."""
    comparison = compared(planted(APART))
    rows = list(comparison.rows)
    rows[0] = replace(rows[0], expected_best=0.887)
    rows[1] = replace(rows[1], difference=0.31, difference_interval=(0.262, 0.358))
    verdict = verdict_sentence(replace(comparison, rows=tuple(rows)), dataset="digits", metric="accuracy")
    assert verdict.sentence == (
        "On digits, convolution wins: expected best of 8 .887 accuracy, +.31 over the next family [.26, .36], "
        "2 of 2 rivals excluded, 24 trials each, 600 optimizer steps."
    )


def test_tie():
    """Families that cannot be told apart are listed best first with their scores, then the excluded."""
    verdict = verdict_on(planted({"convolution": 0.97, "attention": 0.97, "recurrence": 0.5, "wavelet": 0.4}))
    assert verdict.sentence.startswith("On digits, no single family wins: ")
    assert "convolution and attention cannot be told apart (expected best of 8 .9" in verdict.sentence
    assert verdict.sentence.endswith("; recurrence and wavelet are excluded; 24 trials each, 600 optimizer steps.")
    assert "wins:" not in verdict.sentence.removeprefix("On digits, no single family wins:")
    assert "which of convolution and attention is best" in verdict.undecided


def test_a_difference_lost_among_many_rivals_is_a_tie():
    """A rival whose raw p is small but not after Holm is listed with those that cannot be told apart."""
    centres = {"convolution": 0.9, "attention": 0.885, "recurrence": 0.88, "wavelet": 0.875, "feedforward": 0.88}
    verdict = verdict_on(planted(centres), resamples=2000)
    tied = verdict.sentence.removeprefix("On digits, no single family wins: ").split(" cannot be told apart")[0]
    assert "attention" in tied
    assert any("attention is worse than convolution: the evidence does not hold up" in q for q in verdict.undecided)


def test_one_excluded_family_takes_the_singular():
    """One family is excluded, not are."""
    verdict = verdict_on(planted({"convolution": 0.97, "attention": 0.97, "recurrence": 0.5}))
    assert "; recurrence is excluded;" in verdict.sentence


def test_lower_is_better():
    """A loss is shown as the metric reports it, and the margin is a reduction with its interval in order."""
    losses = {"convolution": -0.2, "attention": -0.6}
    verdict = verdict_on(planted(losses), higher_is_better=False, metric="mean_squared_error")
    assert "wins: expected best of 8 .1" in verdict.sentence
    assert " mean squared error (lower is better), -.4" in verdict.sentence
    interval = verdict.sentence.split("[")[1].split("]")[0]
    low, high = (float(end) for end in interval.split(", "))
    assert low < high < 0


def test_nothing_finished():
    """Where every configuration failed, or none was tried, no verdict is possible."""
    failed = [census(family, np.zeros(8), failed=np.ones(8, bool)) for family in APART]
    for censuses in (failed, planted(APART, blocks=0), []):
        verdict = verdict_on(censuses)
        assert verdict.sentence == (
            "On digits, no verdict is possible: no configuration of any family finished training."
        )
    assert "how well a champion does on the sealed test: none was confirmed" in verdict.undecided


def test_one_family():
    """A single family wins nothing."""
    verdict = verdict_on(planted({"convolution": 0.9}))
    assert verdict.sentence.startswith("On digits, only convolution was tried, so there is nothing to compare it with")
