"""Which trials have news."""

from dataclasses import replace

from search.fresh_outcomes import FreshOutcomes
from tests.search.made import made_trial


def test_each_outcome_is_told_once():
    """A trial when it begins and after each of its outcomes; one in training is looked at again."""
    fresh, trials = FreshOutcomes(), [made_trial(0), made_trial(1, scores={10: 0.5})]
    trials[0].in_flight = True
    assert fresh.since(trials) == trials
    assert fresh.since(trials) == []
    trials[0].outcomes.append(replace(trials[1].outcomes[0], trial=0))
    trials.append(made_trial(2))
    assert fresh.since(trials) == [trials[0], trials[2]]


def test_one_that_paused_is_looked_at_again_where_it_is_expected_to_go_on():
    """Whether or not its last outcome had been told by then."""
    fresh, trials = FreshOutcomes(), [made_trial(0, scores={10: 0.5})]
    fresh.since(trials)
    more = made_trial(0, scores={10: 0.5, 30: 0.6}).outcomes[1]
    trials[0].outcomes.append(more)
    assert fresh.since(trials) == []
    trials[0].outcomes.pop()
    fresh.expect(trials[0])
    trials[0].outcomes.append(more)
    fresh.expect(trials[0])
    assert fresh.since(trials) == trials


def test_those_that_are_new_come_in_their_order():
    """Also where one of them was expected to go on before anybody had read of it."""
    fresh, trials = FreshOutcomes(), [made_trial(n, scores={10: 0.5}) for n in range(3)]
    fresh.expect(trials[1])
    assert fresh.since(trials) == trials
