import numpy as np
import pytest

from search.verdict.census import DoublingCheck
from search.verdict.fairness import compare_at_equal_parameters, compare_at_equal_time, fairness_rows
from tests.search.verdict.censuses import census, compared, planted, spread


def pair(first_scores, second_scores, **second):
    """Convolution, which takes a second a network, and attention; attention's cost or size is as given."""
    levels = [DoublingCheck(np.mean(scores), np.mean(scores)) for scores in (first_scores, second_scores)]
    return [
        census("convolution", first_scores, doubled=levels[0]),
        census("attention", second_scores, doubled=levels[1], **second),
    ]


def test_a_clear_winner_wins_under_every_budget():
    """Where cost and size are the same for all, the three rows repeat the verdict and agree."""
    censuses = planted({"convolution": 0.9, "attention": 0.6, "wavelet": 0.5})
    rows = fairness_rows(censuses, compared(censuses))
    assert (rows.equal_trials, rows.equal_parameters, rows.equal_time) == ("convolution",) * 3
    assert rows.agree
    assert rows.not_computed == ()


def test_an_expensive_family_gets_fewer_tries_for_its_money():
    """At twice the cost m is halved, at a hundred times the cost one configuration is left."""
    for cost, tries in ((1.0, 8), (1.03, 8), (2.0, 4), (100.0, 1)):
        censuses = pair(spread(0.9, 24, 0), spread(0.9, 24, 1), seconds=cost)
        at_equal_time = compare_at_equal_time(censuses, compared(censuses))
        assert {row.family: row.best_of for row in at_equal_time.rows} == {"convolution": 8, "attention": tries}
    cheaper = pair(spread(0.9, 24, 0), spread(0.9, 24, 1), seconds=0.25)
    at_equal_time = compare_at_equal_time(cheaper, compared(cheaper))
    assert {row.family: row.best_of for row in at_equal_time.rows} == {"convolution": 2, "attention": 8}


def test_a_winner_that_costs_too_much_does_not_win_at_equal_time():
    """A family that wins by trying eight times does not when its price buys one try."""
    wide = 0.5 + 0.4 * np.random.default_rng(0).random(24)
    censuses = pair(spread(0.65, 24, 1), wide, seconds=50.0)
    comparison = compared(censuses)
    rows = fairness_rows(censuses, comparison)
    assert comparison.winner == "attention"
    assert rows.equal_time != "attention"
    assert not rows.agree


def test_equal_parameters_keeps_the_sizes_all_families_have():
    """Only blocks in which every network lies in the common band are compared."""
    sizes = np.r_[np.full(12, 100), np.full(12, 10_000)]
    scores = np.r_[spread(0.6, 12, 1), spread(0.95, 12, 2)]  # attention is better only where it is larger
    censuses = pair(spread(0.8, 24, 0), scores, parameters=sizes)
    comparison = compared(censuses)
    at_equal_size = compare_at_equal_parameters(censuses, comparison)
    assert comparison.leader == "attention"
    assert [row.trials for row in at_equal_size.rows] == [12, 12]
    assert at_equal_size.leader == at_equal_size.winner == "convolution"


def test_too_few_common_sizes_are_not_compared():
    """With fewer than four common blocks the row is None and named as not computed."""
    censuses = pair(spread(0.9, 24, 0), spread(0.5, 24, 1), parameters=np.r_[np.full(3, 100), np.full(21, 9)])
    rows = fairness_rows(censuses, compared(censuses))
    assert rows.equal_trials == "convolution"
    assert rows.equal_parameters is None
    assert rows.not_computed == ("equal_parameters",)
    assert not rows.agree
    four = pair(spread(0.9, 24, 0), spread(0.5, 24, 1), parameters=np.r_[np.full(4, 100), np.full(20, 9)])
    assert compare_at_equal_parameters(four, compared(four)).trials == 4


@pytest.mark.parametrize("steps", [100, 600])
def test_exclusion_rules_hold_under_every_budget(steps):
    """Training that is too short for a verdict is too short for these rows."""
    censuses = planted({"convolution": 0.9, "attention": 0.6}, steps=steps)
    rows = fairness_rows(censuses, compared(censuses))
    expected = "convolution" if steps == 600 else None
    assert (rows.equal_trials, rows.equal_parameters, rows.equal_time, rows.agree) == (*[expected] * 3, True)


def test_an_empty_or_free_census_has_no_rows_to_compute():
    """Without trials or without costs a row is not computed."""
    empty = planted({"convolution": 0.9, "attention": 0.6}, blocks=0)
    assert fairness_rows(empty, compared(empty)).not_computed == ("equal_parameters", "equal_time")
    free = pair(spread(0.9, 24, 0), spread(0.5, 24, 1), seconds=0.0)
    assert fairness_rows(free, compared(free)).not_computed == ("equal_time",)
