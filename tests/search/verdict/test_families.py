from dataclasses import replace

import numpy as np
import pytest

from search.verdict.bootstrap import difference_interval, expected_best_interval
from search.verdict.census import DoublingCheck
from search.verdict.comparison import ComparisonSettings
from search.verdict.exclusion import Kept
from search.verdict.expected_best import expected_best, expected_best_curve
from search.verdict.families import compare_families
from search.verdict.permutation import permutation_p_value
from tests.search.verdict.censuses import APART, LEVELLED, census, compared, failing, planted, row_of, spread


def test_a_family_far_ahead_wins():
    """All rivals are excluded, and the winner alone is in the winner set."""
    comparison = compared(planted(APART))
    assert comparison.winner == comparison.leader == "convolution"
    assert comparison.winner_set == ("convolution",)
    assert [row.family for row in comparison.rows] == ["convolution", "attention", "recurrence"]
    assert [row.excluded for row in comparison.rows] == [False, True, True]
    assert [row.kept for row in comparison.rows] == [None, None, None]


def test_rows_report_what_was_estimated():
    """A row holds the family's own estimate, curve and counts, and its difference to the leader."""
    censuses = planted(APART)
    comparison = compared(censuses, best_of=5)
    leader, second = comparison.rows[:2]
    assert second.best_of == comparison.best_of == 5
    assert second.expected_best == expected_best(*censuses[1].scores, 5)
    assert second.curve == pytest.approx(expected_best_curve(*censuses[1].scores))
    assert second.difference == pytest.approx(leader.expected_best - second.expected_best)
    assert 0 < second.difference_interval[0] < second.difference < second.difference_interval[1]
    assert (second.trials, second.failed, second.steps, second.doubled.gain) == (24, 0, 600, 0)
    assert (leader.p_value, leader.p_adjusted, leader.difference, leader.difference_interval) == (1, 1, 0, (0, 0))


def test_two_families_that_are_alike_tie():
    """The two best stay in the winner set, best first, the third is excluded, and no winner is named."""
    comparison = compared(planted({"attention": 0.9, "convolution": 0.9, "recurrence": 0.5}))
    assert comparison.winner is None
    assert set(comparison.winner_set) == {"attention", "convolution"}
    assert comparison.winner_set[0] == comparison.leader
    assert row_of(comparison, "recurrence").excluded


@pytest.mark.parametrize(("steps", "winner"), [(499, None), (500, "convolution")])
def test_short_training_excludes_nobody(steps, winner):
    """Below the minimum of steps every rival stays, however far behind."""
    comparison = compared(planted(APART, steps=steps))
    assert comparison.winner == winner
    if winner is None:
        assert len(comparison.winner_set) == 3
        assert comparison.rows[1].kept is Kept.SHORT_TRAINING


def test_one_family_trained_too_briefly_excludes_nobody():
    """The ranking is only as good as its shortest training."""
    censuses = [*planted({"convolution": 0.9, "attention": 0.6}), *planted({"recurrence": 0.5}, steps=499)]
    assert len(compared(censuses).winner_set) == 3


@pytest.mark.parametrize("unchecked", ["convolution", "recurrence"])
def test_a_rival_stays_without_the_doubling_check(unchecked):
    """Without the check of the leader nobody is excluded, without that of one rival that rival is not."""
    censuses = [
        census(family, spread(centre, 24, 0), doubled=None if family == unchecked else DoublingCheck(centre, centre))
        for family, centre in APART.items()
    ]
    comparison = compared(censuses)
    kept = {row.family for row in comparison.rows if row.kept is Kept.NO_DOUBLING_CHECK}
    assert kept == ({"attention", "recurrence"} if unchecked == "convolution" else {"recurrence"})
    assert comparison.winner is None


def test_a_family_that_may_still_come_up_is_never_excluded():
    """A gain above epsilon, four more of which bring it level, keeps a rival; a gain of epsilon or less does not."""
    doubled = {"convolution": DoublingCheck(0.9, 0.85), "attention": DoublingCheck(0.7, 0.74)}
    censuses = [census(family, spread(APART[family], 24, 0), doubled=doubled[family]) for family in doubled]
    learning, levelled = compared(censuses, epsilon=0.03), compared(censuses, epsilon=0.05)
    assert (learning.winner, learning.rows[1].kept, learning.rows[1].still_learning) == (
        None,
        Kept.STILL_LEARNING,
        True,
    )
    assert (levelled.winner, levelled.rows[1].still_learning) == ("convolution", False)
    assert learning.rows[1].doubled.gain == pytest.approx(0.04)
    far = [replace(family, doubled=DoublingCheck(0.5, 0.54)) for family in censuses[1:]]
    hopeless = compared([*censuses[:1], *far], epsilon=0.03)
    assert (hopeless.winner, hopeless.rows[1].still_learning) == ("convolution", True)
    exact = [replace(family, doubled=DoublingCheck(0.5, 0.75)) for family in censuses]
    assert not compared(exact, epsilon=0.25).rows[1].still_learning


@pytest.mark.parametrize("at_double", [0.9, 0.95])
def test_a_rival_that_catches_up_stays(at_double):
    """A rival that is no longer behind when both train twice as long is not excluded, nor one that is level."""
    censuses = [
        census("convolution", spread(0.9, 24, 0), doubled=DoublingCheck(0.9, 0.9)),
        census("attention", spread(0.7, 24, 1), doubled=DoublingCheck(at_double, at_double)),
    ]
    comparison = compared(censuses)
    assert comparison.rows[1].kept is Kept.CAUGHT_UP
    assert comparison.winner is None


def test_five_trials_exclude_nobody_and_six_do():
    """No test can reject with five blocks."""
    two = {"convolution": 0.9, "attention": 0.5}
    assert compared(planted(two, blocks=5)).winner is None
    assert compared(planted(two, blocks=6), resamples=2000).winner == "convolution"


@pytest.mark.parametrize(
    ("trials", "given", "used"),
    [(1, None, 1), (2, None, 2), (3, None, 2), (14, None, 2), (16, None, 3), (23, None, 4), (24, None, 8), (6, 9, 6)],
)
def test_chooses_how_many_tries_to_compare(trials, given, used):
    """Eight from 24 trials on, a fifth of them below, and never more than there are."""
    assert compared(planted(APART, blocks=trials), best_of=given).best_of == used


def test_a_raw_p_value_of_five_percent_is_not_small():
    """Nineteen swappings of which none is as extreme: the rival is not excluded, and no reason is needed."""
    rival = compared(planted({"convolution": 0.9, "attention": 0.5}), resamples=19).rows[1]
    assert (rival.p_value, rival.excluded, rival.kept) == (0.05, False, None)


def test_failures_count_with_their_score():
    """A failed configuration stays in with the worst score and is counted."""
    scores = np.where(np.arange(24) < 20, 0.0, 0.9)
    comparison = compared([census("wavelet", scores, failed=scores == 0), *planted({"attention": 0.8})])
    wavelet = row_of(comparison, "wavelet")
    assert wavelet.failed == 20
    assert wavelet.expected_best < 0.8


def test_no_trials_give_no_comparison():
    """Without trials nobody leads, and nobody is excluded."""
    comparison = compared(planted(APART, blocks=0))
    assert (comparison.leader, comparison.winner, comparison.rows, comparison.best_of) == (None, None, (), 0)
    assert comparison.winner_set == ("attention", "convolution", "recurrence")
    assert compared([]).winner_set == ()
    assert comparison.settings == ComparisonSettings(epsilon=0.01, seed=0, resamples=400)


def test_one_family_does_not_win():
    """Winning takes a rival."""
    comparison = compared(planted({"convolution": 0.9}))
    assert (comparison.leader, comparison.winner, comparison.winner_set) == ("convolution", None, ("convolution",))


def test_the_same_seed_gives_the_same_verdict_in_any_order():
    """The order of the families changes nothing, the seed changes the resampling."""
    censuses = planted({"convolution": 0.90, "attention": 0.895, "recurrence": 0.88, "wavelet": 0.895})
    comparison = compared(censuses)
    assert comparison == compared(censuses)
    assert comparison == compared(censuses[::-1])
    assert comparison.rows != compared(censuses, seed=1).rows


def test_random_numbers_come_from_the_seed_the_purpose_and_the_family():
    """From nothing else: trials recorded long ago are judged again to the same verdict."""
    skewed = 0.9 - 0.02 * np.exp(1.5 * np.random.default_rng(2).standard_normal((2, 24)))
    censuses = [census("convolution", skewed[0]), census("attention", skewed[1] - 0.01)]
    tries = {"convolution": 4, "attention": 7}
    attention = compared(censuses, seed=3, best_of=tries, resamples=300).rows[1]
    leader, rival = (each.scores for each in censuses)
    permutation, interval, difference = (
        np.random.default_rng([3, *f"{purpose} attention".encode()])
        for purpose in ("permutation", "interval", "difference")
    )
    assert attention.p_value == permutation_p_value(leader, rival, (4, 7), permutation, 300)
    assert attention.interval == expected_best_interval(rival, 7, interval, 300)
    assert attention.difference_interval == difference_interval(leader, rival, (4, 7), difference, 300)
    assert attention.difference == expected_best(*leader, 4) - expected_best(*rival, 7) > 0


def test_leaving_a_family_out_changes_no_other_raw_p_value():
    """Every rival has random numbers of its own."""
    censuses = planted({"convolution": 0.90, "attention": 0.89, "recurrence": 0.88})
    everyone, fewer = compared(censuses), compared(censuses[:2])
    assert row_of(everyone, "attention").p_value == row_of(fewer, "attention").p_value


def test_rivals_are_tested_with_different_random_numbers():
    """Two rivals with the same scores have p-values that differ by the luck of the swappings."""
    rivals = [census(family, spread(0.89, 24, 1)) for family in ("attention", "recurrence")]
    first, second = compared([*planted({"convolution": 0.9}), *rivals]).rows[1:]
    assert first.p_value != second.p_value


def test_intervals_end_at_the_bounds_of_the_score():
    """An accuracy above 1 is not reported."""
    censuses = planted({"convolution": 0.98, "attention": 0.98}, blocks=6)
    assert compared(censuses).rows[0].interval[1] > 1
    assert compared(censuses, score_bounds=(0, 1)).rows[0].interval[1] == 1


def test_without_settings_the_usual_ones_are_taken():
    """2,000 resamples, at least 500 steps, and scores without bounds."""
    censuses = planted({"convolution": 0.9}, blocks=6)
    usual = ComparisonSettings(epsilon=0.01, seed=0)
    assert compare_families(censuses, epsilon=0.01, seed=0).settings == usual
    assert (usual.resamples, usual.minimum_steps, usual.score_bounds) == (2000, 500, (-np.inf, np.inf))


def test_a_small_raw_p_value_is_not_enough_among_many_rivals():
    """A raw p below .05 that does not survive Holm excludes nobody; where it is the only test, it does."""
    behind = {"convolution": 0.90, "attention": 0.885}
    alone = row_of(compared(planted(behind), resamples=2000), "attention")
    level = {"recurrence": 0.88, "wavelet": 0.875, "feedforward": 0.88}
    crowd = compared(planted({**behind, **level}), resamples=2000)
    among = row_of(crowd, "attention")
    assert among.p_value == alone.p_value < 0.05 <= among.p_adjusted
    assert alone.excluded
    assert not among.excluded
    assert among.kept is Kept.TOO_MANY_RIVALS


def test_names_and_lengths_must_fit():
    """Families have names of their own and equally many trials; arrays are of one length and finite."""
    with pytest.raises(ValueError, match="every name once"):
        compared([census("wavelet", [1, 2]), census("wavelet", [1, 2])])
    with pytest.raises(ValueError, match="same number for all"):
        compared([census("wavelet", [1, 2]), census("attention", [1, 2, 3])])
    with pytest.raises(ValueError, match="expected at least 1"):
        compared(planted(APART), best_of=0)
    with pytest.raises(ValueError, match="shapes"):
        census("wavelet", [1, 2], search=[1, 2, 3])
    for search, confirm in (([1, np.nan], [1, 2]), ([1, 2], [1, -np.inf])):
        with pytest.raises(ValueError, match="not finite"):
            census("wavelet", confirm, search=search, doubled=LEVELLED)


def test_a_family_that_failed_throughout_may_not_be_best():
    """It is excluded by its scores, without a doubling check: there is nothing to train for longer."""
    comparison = compared([*planted({"convolution": 0.9, "attention": 0.6}), failing("wavelet")])
    assert (comparison.winner, comparison.winner_set) == ("convolution", ("convolution",))
    close = compared([*planted({"convolution": 0.9, "attention": 0.9}), failing("wavelet")])
    assert (close.winner, set(close.winner_set)) == (None, {"convolution", "attention"})


@pytest.mark.parametrize(("blocks", "steps"), [(5, 600), (24, 90)])
def test_where_nothing_can_be_excluded_failing_makes_no_winner(blocks: int, steps: int):
    """It is outside the winner set all the same, and nobody wins by that."""
    comparison = compared([*planted({"convolution": 0.9}, blocks, steps), failing("wavelet", blocks)])
    assert (comparison.winner, comparison.winner_set) == (None, ("convolution",))


def test_where_everything_failed_nobody_is_left_out():
    """There is no winner set without them."""
    assert compared([failing("convolution"), failing("wavelet")]).winner_set == ("convolution", "wavelet")
