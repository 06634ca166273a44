"""What samplers are told, and how trainings of different lengths are compared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from search.candidate import Candidate
from search.samplers.domain import Record
from search.samplers.history import History, ascending
from tests.search.made import made_trial

SOME = made_trial().candidate


def history(*scores: dict[float, float] | str | None) -> History[Candidate]:
    """Records of scores; `"failed"` and None, which is in training."""
    return History(
        Record(made_trial(n).candidate, s if isinstance(s, dict) else {}, s == "failed") for n, s in enumerate(scores)
    )


def ranking(*scores: dict[float, float] | str | None) -> list[int]:
    """Indices from worst to best."""
    known, values = history(*scores).utilities()
    return [int(index) for index in known[np.argsort(values)]]


def test_full_trainings_are_ranked_by_score():
    """Failed ones are last, those in training are left out."""
    assert ranking({1.0: 0.5}, "failed", {1.0: 0.9}, None, {1.0: 0.7}) == [1, 0, 4, 2]


def test_whoever_stopped_early_is_compared_at_that_time():
    """A high score after the full training does not lift a network above one that was ahead of it at the same time."""
    ahead, behind = {0.1: 0.6}, {0.1: 0.5, 1.0: 0.9}
    assert ranking(ahead, behind) == [1, 0]


def test_those_who_trained_on_are_ranked_by_their_later_scores():
    """Within the places that they hold together: early leaders who fell behind change places, others stay."""
    assert ranking({0.1: 0.9, 1.0: 0.91}, {0.1: 0.8}, {0.1: 0.7, 1.0: 0.95}, {0.1: 0.6}) == [3, 0, 1, 2]


def test_a_failure_after_a_good_start_is_a_failure():
    """It is last whatever its earlier score was."""
    trained = History([Record(SOME, {0.1: 0.9}, failed=True), Record(SOME, {0.1: 0.2})])
    known, values = trained.utilities()
    assert [int(index) for index in known[np.argsort(values)]] == [0, 1]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200, unique=True))
def test_utilities_are_normal_scores(scores: list[float]):
    """The quantiles of the standard normal at (rank + 1/2) / n, in any number of records."""
    known, values = History(Record(SOME, {1.0: score}) for score in scores).utilities()
    assert len(known) == len(scores)
    expected = ndtri((np.argsort(np.argsort(scores)) + 0.5) / len(scores))
    assert values == pytest.approx(expected)


def test_equal_scores_have_equal_utilities():
    """The mean of the places that they take together, so that their order in time says nothing."""
    _, values = history({1.0: 0.5}, {1.0: 0.9}, {1.0: 0.5}, {1.0: 0.5}, "failed", "failed").utilities()
    assert values[0] == values[2] == values[3] == pytest.approx(np.mean(ndtri((np.array([2, 3, 4]) + 0.5) / 6)))
    assert values[4] == values[5] < values[0] < values[1]


@given(values=st.lists(st.sampled_from([-np.inf, 0.0, 0.25, 0.5, 1.0]), max_size=200))
def test_equals_stay_in_the_order_in_which_they_came(values: list[float]):
    """As a stable sort leaves them, those that failed too."""
    assert list(ascending(np.array(values))) == list(np.argsort(values, kind="stable"))


def test_equal_early_scores_are_told_apart_by_later_ones():
    """A tie at the first rung is none for those who trained on."""
    assert ranking({0.1: 0.5, 1.0: 0.7}, {0.1: 0.5, 1.0: 0.9}, {0.1: 0.5, 1.0: 0.8}) == [0, 2, 1]


def test_what_becomes_known_is_entered_in_place():
    """A record in training is running until it has a score; new lengths of training may come at any time."""
    told = history(None, None)
    assert len(told.running) == 2
    told.replace(1, Record(told[1].proposal, {0.1: 0.4}))
    assert [record.proposal for record in told.running] == [told[0].proposal]
    told.replace(1, Record(told[1].proposal, {0.1: 0.4, 1.0: 0.6}))
    told.replace(0, Record(told[0].proposal, {0.1: 0.5}))
    assert told.running == []
    assert told[1].full_score == 0.6
    known, values = told.utilities()
    assert (list(known), list(np.sign(values))) == ([0, 1], [1.0, -1.0])


def test_what_was_tried_is_known_by_its_choices():
    """Also while it is in training."""
    told = history(None)
    choices = told[0].proposal.choices()
    assert told.was_tried(choices)
    assert not told.was_tried({**choices, "width": 12345})


def test_what_is_untried_is_told_once():
    """In the order in which it came."""
    choices = dict(SOME.choices())
    wide, wider = {**choices, "width": 12345}, {**choices, "width": 12346}
    assert History([Record(SOME)]).untried([wide, choices, wider, dict(wide)]) == [wide, wider]


def costly(*scores_and_costs: tuple[float, float] | str) -> History[Candidate]:
    """Records of a score after the full training and one cost; `"failed"` has neither."""
    return History(
        Record(made_trial(n).candidate, failed=True)
        if isinstance(given, str)
        else Record(made_trial(n).candidate, {1.0: given[0]}, costs=(given[1],))
        for n, given in enumerate(scores_and_costs)
    )


def test_losses_are_minus_the_utility_and_the_costs():
    """A failed record has none; one whose cost is unknown yet has an infinite one."""
    known, losses = costly((0.5, 30.0), "failed", (0.9, 20.0), (0.7, np.nan)).losses()
    assert known.tolist() == [0, 2, 3]
    assert losses[:, 1].tolist() == [30.0, 20.0, np.inf]
    assert np.argsort(losses[:, 0]).tolist() == [1, 2, 0]


def test_each_of_a_front_is_best_for_some_compromise():
    """And never one that is worse in both, or failed."""
    front = [(0.9, 90.0), (0.8, 40.0), (0.7, 20.0), (0.5, 1.0)]
    whole = costly(*front, (0.6, 50.0), "failed", (0.4, 95.0))
    favourites = set()
    for seed in range(200):
        known, values = whole.weighing(np.random.default_rng(seed)).utilities()
        favourites.add(int(known[np.argmax(values)]))
    assert favourites == {0, 1, 2, 3}


def test_where_the_score_is_all_there_is_no_compromise():
    """Utilities are those of the scores, and the generator gives the numbers that it would have given."""
    plain, rng = history({1.0: 0.5}, {1.0: 0.9}, "failed"), np.random.default_rng(0)
    known, values = plain.weighing(rng).utilities()
    assert (known.tolist(), values.tolist()) == tuple(a.tolist() for a in plain.utilities())
    assert rng.random() == np.random.default_rng(0).random()


def test_a_compromise_leaves_the_history_as_it_was():
    """What becomes known later is known to both."""
    whole = costly((0.5, 30.0), (0.9, 90.0))
    before = whole.utilities()[1].tolist()
    whole.weighing(np.random.default_rng(0)).utilities()
    assert whole.utilities()[1].tolist() == before
