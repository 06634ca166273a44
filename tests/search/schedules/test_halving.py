from dataclasses import replace

import numpy as np

from search.candidate import Candidate
from search.schedules.halving import UNPRUNED_EVERY, Halving
from spaces.choices import sampling
from tests.search.made import SPACE, made_trial

HALVING = Halving(horizon=90, epoch=4)


def pruned_slots(count: int) -> list[int]:
    """Slot numbers that are not among those let through to the end."""
    return [number for number in range(1, 10 * count) if number % UNPRUNED_EVERY][:count]


def trials_with(scores: list[float], family: str = "convolution", first: int = 0):
    numbers = pruned_slots(first + len(scores))[first:]
    return [made_trial(n, family=family, scores={10: score}) for n, score in zip(numbers, scores, strict=True)]


def test_rungs_are_a_ninth_a_third_and_all():
    """R/9, R/3, R; each trial goes to the next above where it stands."""
    assert HALVING.rungs == (10, 30, 90)
    fresh, paused, promoted = (made_trial(1, scores=scores) for scores in ({}, {10: 0.5}, {10: 0.5, 30: 0.5}))
    assert [HALVING.stop(trial) for trial in (fresh, paused, promoted)] == [10, 30, 90]
    assert HALVING.stop(made_trial(UNPRUNED_EVERY)) == 90


def test_the_best_third_is_promoted():
    """Of three the best goes on; of two nobody yet."""
    trials = trials_with([0.5, 0.9, 0.7])
    assert HALVING.promotion(trials[:2], 0.5) is None
    assert HALVING.promotion(trials, 0.5) is trials[1]


def test_at_the_first_rung_families_compete_among_themselves():
    """Three slow learners promote their best although every convolution is ahead of it."""
    fast = trials_with([0.90, 0.91, 0.92])
    slow = trials_with([0.3, 0.5, 0.4], "recurrence", first=3)
    promoted = [trial for level in (fast, slow) if (trial := HALVING.promotion(level, 0.5))]
    assert promoted == [fast[2], slow[1]]
    fast[2].in_flight = True
    assert HALVING.promotion(fast + slow, 0.5) is slow[1]


def test_above_the_first_rung_all_compete():
    """At R/3 the best of three goes on, whatever its family; higher rungs come first."""
    numbers = pruned_slots(3)
    families = ("convolution", "recurrence", "attention")
    trials = [
        made_trial(number, family=family, scores={10: 0.5, 30: score})
        for number, family, score in zip(numbers, families, (0.6, 0.8, 0.7), strict=True)
    ]
    assert HALVING.promotion(trials + trials_with([0.9] * 3, first=3), 0.5) is trials[1]


def test_nobody_is_promoted_twice_or_after_a_failure():
    """A trial in flight, one that went on and one that failed are passed over."""
    best = trials_with([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    best[0].in_flight = True
    assert HALVING.promotion(best, 0.5) is best[1]
    best[1] = made_trial(best[1].number, scores={10: 0.8, 30: 0.8})
    assert HALVING.promotion(best, 0.5) is None


def test_hybrids_compete_with_hybrids():
    """Three hybrids of different families promote the best of them."""
    hybrids = []
    number = 0
    while len(hybrids) < 3:
        number += 1
        candidate = Candidate.decide(SPACE, sampling(np.random.default_rng(number)))
        if len(candidate.architecture.families) > 1 and number % UNPRUNED_EVERY:
            hybrids.append(replace(made_trial(number, scores={10: number / 100}), candidate=candidate))
    assert len({trial.family for trial in hybrids}) > 1
    assert HALVING.promotion(hybrids, 0.5) is hybrids[-1]


def test_the_shortest_trainings_have_fewer_rungs():
    """With a step or two the rungs are as many as differ, and nobody finished is promoted."""
    assert Halving(1, 1).rungs == (1,)
    assert Halving(3, 1).rungs == (1, 3)
    assert Halving(1, 1).promotion([made_trial(UNPRUNED_EVERY, scores={1: 0.5}, horizon=1)] * 5, 0.5) is None


def test_every_fifth_goes_through():
    """An unpruned trial goes on with the worst score of all."""
    unpruned = made_trial(UNPRUNED_EVERY, scores={10: 0.0})
    assert HALVING.promotion([*trials_with([0.5, 0.6]), unpruned], 0.5) is unpruned
