"""Short trainings first, then the best of them."""

from search.schedules.top_after_an_epoch import TopAfterAnEpoch
from tests.search.made import made_trial

SCHEDULE = TopAfterAnEpoch(horizon=90, epoch=10)


def test_half_of_the_phase_is_for_short_trainings():
    """Before it is over nobody is promoted, after it nothing new starts and the best goes on to the end."""
    trials = [made_trial(n, scores={10: score}) for n, score in enumerate((0.5, 0.9, 0.7))]
    many = trials * 3
    assert SCHEDULE.takes_new(many, 0.49)
    assert SCHEDULE.promotion(trials, 0.49) is None
    assert not SCHEDULE.takes_new(many, 0.5)
    assert SCHEDULE.takes_new(trials, 0.9)
    assert SCHEDULE.promotion(trials, 0.5) is None, "a few start however late the phase began"
    assert SCHEDULE.promotion(many, 0.5) is trials[1]
    assert SCHEDULE.promotion(trials, 1.0) is trials[1]
    assert (SCHEDULE.stop(made_trial()), SCHEDULE.stop(trials[1])) == (10, 90)


def test_a_third_goes_on_at_most():
    """Those in flight and failed ones are passed over; with one of three on its way nobody follows."""
    trials = [made_trial(n, scores={10: n / 10}) for n in range(6)]
    trials[5].in_flight, trials[5].stop = True, 90
    assert SCHEDULE.promotion(trials, 1.0) is trials[4]
    trials[4].in_flight, trials[4].stop = True, 90
    assert SCHEDULE.promotion(trials, 1.0) is None


def test_an_epoch_longer_than_the_horizon_is_the_horizon():
    """Then nothing is left to promote."""
    schedule = TopAfterAnEpoch(horizon=10, epoch=50)
    assert schedule.rungs == (10,)
    assert schedule.promotion([made_trial(1, scores={10: 0.5}, horizon=10)] * 9, 1.0) is None
