import re
from dataclasses import replace

import numpy as np
import pytest

from search.verdict.comparison import FamilyComparison
from search.verdict.sentence import verdict_sentence
from spaces.shapes import Kind
from tests.search.verdict.censuses import (
    ACCURACY,
    APART,
    LOG_LOSS,
    PERPLEXITY,
    RMSE,
    SMALL_ERROR,
    SMALL_GAIN,
    census,
    compared,
    planted,
    verdict_on,
)
from workers.metric import metric_of


def clear_cut() -> FamilyComparison:
    """Convolution at .887, the next family .31 behind it."""
    comparison = compared(planted(APART))
    rows = list(comparison.rows)
    rows[0] = replace(rows[0], expected_best=0.887)
    rows[1] = replace(rows[1], difference=0.31, difference_interval=(0.262, 0.358))
    return replace(comparison, rows=tuple(rows))


def test_sole_winner():
    """The sentence names the winner, by how much, over how many rivals, and the effort; no caveat follows."""
    verdict = verdict_sentence(clear_cut(), dataset="digits", metric=ACCURACY)
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


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        (LOG_LOSS, ".260 log-loss (lower is better), .71 less than the next family [.60, .82], "),
        (RMSE, ".565 RMSE (lower is better), 1.55 less than the next family [1.31, 1.79], "),
        (PERPLEXITY, "2.618 perplexity (lower is better), 34.1 less than the next family [21.8, 52.6], "),
        (SMALL_ERROR, ".00045 RMSE (lower is better), .00124 less than the next family [.00105, .00143], "),
        (SMALL_GAIN, ".00355 share, +.00124 over the next family [.00105, .00143], "),
        (metric_of(Kind.REGRESSION), ".887 R², +.31 over the next family [.26, .36], "),
        (metric_of(Kind.CLASSIFICATION, "auroc"), ".944 AUROC, +.1"),
        (metric_of(Kind.CLASSIFICATION, "balanced_accuracy"), ".887 balanced accuracy, +.31 over the next "),
    ],
    ids=lambda given: getattr(given, "name", ""),
)
def test_each_metric_has_its_unit_and_its_direction(metric, told):
    """The estimate is a value; less of an error is told as such, with the lower end of its interval first."""
    verdict = verdict_sentence(clear_cut(), dataset="digits", metric=metric)
    assert f"convolution wins: expected best of 8 {told}" in verdict.sentence


def test_the_direction_is_told_whatever_the_claim():
    """Within brackets it has no brackets of its own."""
    alone = verdict_on(planted({"convolution": 0.9}), metric=RMSE).sentence
    tied = verdict_on(planted({"convolution": 0.9, "attention": 0.9}), metric=RMSE).sentence
    short = verdict_on(planted(APART, steps=96), metric=RMSE).sentence
    assert re.search(r" with \(expected best of 8 \.\d+ RMSE, lower is better\)\.$", alone)
    assert re.search(r" apart \(expected best of 8 \.\d+ and \.\d+ RMSE, lower is better\); ", tied)
    assert re.search(r" \(expected best of 8, RMSE, lower is better: convolution \.\d+, attention 1\.\d+ and ", short)


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
