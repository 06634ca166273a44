"""No family is preferred where none is shown to do better than one answer for all rows."""

import numpy as np
import pytest

from search.verdict.exclusion import Kept
from tests.search.verdict.censuses import APART, PERPLEXITY, census, compared, failing, planted, row_of, verdict_on

GUESSING = "No family is shown to do better than one answer for all rows (accuracy .930)."


def test_nobody_wins_among_those_that_guess():
    """The leader's .932 is about what one answer gives: its rivals may be worse, but that is no reason to prefer it."""
    comparison = compared(planted(APART), constant_score=0.93)
    assert comparison.winner is None
    assert row_of(comparison, "attention").kept is Kept.GUESSING
    verdict = verdict_on(planted(APART), constant_score=0.93)
    assert GUESSING in verdict.sentence
    assert (
        "whether attention and recurrence are worse than convolution: "
        "neither is shown to do better than one answer for all rows" in verdict.undecided
    )


def test_a_rival_that_failed_throughout_makes_no_winner_of_one_that_guesses():
    """It is in no winner set either."""
    comparison = compared([*planted({"convolution": 0.9}), failing("recurrence")], constant_score=0.93)
    assert (comparison.winner, comparison.winner_set) == (None, ("convolution",))


def test_an_answer_that_is_beaten_is_not_mentioned():
    """Nor is one that is not known, as in records of earlier versions."""
    for known in ({"constant_score": 0.4}, {}):
        verdict = verdict_on(planted(APART), **known)
        assert verdict.sentence.startswith("On digits, convolution wins")
        assert "one answer" not in verdict.sentence


@pytest.mark.parametrize(("blocks", "told"), [(6, True), (5, False)])
def test_few_trials_are_taken_at_their_word(blocks, told):
    """From six on an interval is asked, which must lie above; of fewer it would be too wide to say anything."""
    censuses = [census(family, np.linspace(0.5, best, blocks)) for family, best in (("gru", 0.9), ("lstm", 0.8))]
    assert compared(censuses, constant_score=0.75).guessing is told


def test_it_is_told_as_a_value_of_the_metric():
    """Of 5,000 tokens a score of .13 is a perplexity of 5,000 to the power of .87."""
    sentence = verdict_on(
        planted({"recurrence": 0.1, "attention": 0.1}), metric=PERPLEXITY, constant_score=0.13
    ).sentence
    assert "one answer for all rows (perplexity 1,652)" in sentence
