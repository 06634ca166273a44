"""What the adaptive search wants next, from the trials it is given."""

import math
from dataclasses import replace

import pytest

from search.candidate import CandidateDomain
from search.phases.adaptive import Adaptive, record_of
from search.samplers import SAMPLERS, strategy
from search.samplers.one_epoch_top_k import OneEpochTopKSampler
from search.samplers.random import RandomSampler
from search.samplers.random_halving import RandomHalvingSampler
from search.schedules import SCHEDULES
from tests.search.made import SPACE, made_trial
from tests.search.phases.running import PLAN, run
from workers.engine import Signal
from workers.outcome import CurvePoint, Status


def adaptive(history=(), sampler=None, clock=lambda: 0.0, prior=(), more=lambda: 0, **changes) -> Adaptive:
    sampler = sampler or RandomHalvingSampler(CandidateDomain(SPACE))
    schedule = SCHEDULES[sampler.schedule](PLAN.horizon, epoch=15)
    return Adaptive(sampler, schedule, replace(PLAN, **changes), 4, list(history), clock, prior=prior, more=more)


def test_successive_halving_waits_for_outcomes_that_may_promote():
    """The last candidate in flight may be promoted, or make room for another."""
    trials, _, _ = run(adaptive())
    trials[-1].outcomes.clear()
    trials[-1].in_flight = True
    assert adaptive().next(trials) is Signal.WAIT


def test_the_adaptive_phase_has_exactly_its_trials():
    """As many candidates as planned, every fifth trained through in one go, the best thirds promoted."""
    trials, order, end = run(adaptive())
    assert end is Signal.DONE
    assert len(trials) == 12
    assert [slot for slot, start, stop in order if (start, stop) == (0, 90)] == ["0", "5", "10"]
    assert any(start == 10 for _, start, _ in order)


def test_trials_that_others_leave_are_the_searchs():
    """While that is open the phase waits, and does not end, when it has begun its own."""
    left: list[int | None] = [None]
    phase = adaptive(sampler=RandomSampler(CandidateDomain(SPACE)), more=lambda: left[0])
    trials, _, end = run(phase)
    assert (len(trials), end) == (12, Signal.WAIT)
    left[0] = 3
    trials, _, end = run(phase, trials)
    assert (len(trials), end) == (15, Signal.DONE)


def test_the_adaptive_phase_ends_with_its_time():
    """After its end nothing starts, not even a promotion."""
    assert adaptive(clock=lambda: 11.0, adaptive_ends=10.0).next([]) is Signal.DONE


def test_without_halving_every_candidate_is_trained_in_one_go():
    """The sampler's schedule decides."""
    _, order, end = run(adaptive(sampler=RandomSampler(CandidateDomain(SPACE))))
    assert (end, order) == (Signal.DONE, [(str(n), 0, 90) for n in range(12)])


def test_an_epoch_of_all_comes_before_the_best_third():
    """With a number of trials all of them start first, with a budget of time those of its first half."""
    sampler = OneEpochTopKSampler(CandidateDomain(SPACE))
    order = run(adaptive(sampler=sampler))[1]
    assert [(start, stop) for _, start, stop in order] == [(0, 15)] * 12 + [(15, 90)] * 4
    now = iter(range(100, 1000, 10))
    timed = adaptive(
        sampler=sampler,
        clock=lambda: float(next(now)),
        doubling_ends=100.0,
        adaptive_ends=300.0,
        confirmation_ends=400.0,
    )
    order = [(start, stop) for _, start, stop in run(timed)[1]]
    short = order.count((0, 15))
    assert 6 <= short < len(order)
    assert order == [(0, 15)] * short + [(15, 90)] * (len(order) - short)


def test_a_sampler_knows_the_scores_at_the_rungs():
    """Those that a trial stopped at and those it passed; a failure is told as one."""
    stopped = made_trial(1, scores={10: 0.4, 30: 0.5})
    through = made_trial(2, scores={90: 0.9})
    curve = tuple(CurvePoint(step, 1.0, score) for step, score in ((8, 0.2), (10, 0.3), (60, 0.7), (90, 0.9)))
    through.outcomes[0] = replace(through.outcomes[0], curve=curve)
    rungs = (10, 30, 90)
    assert record_of(stopped, rungs).scores == {1 / 9: 0.4, 1 / 3: 0.5}
    assert record_of(through, rungs).scores == {1 / 9: 0.3, 1.0: 0.9}
    assert record_of(made_trial(3, failure=Status.DIVERGED), rungs).failed
    assert record_of(made_trial(4), rungs).scores == {}


def test_a_sampler_knows_what_a_training_takes_where_time_is_what_it_spends():
    """Of the whole training, also where it was stopped; not where trials are counted, so that such a search repeats."""
    stopped = made_trial(1, scores={10: 0.4, 30: 0.5}, seconds=2.0)
    assert record_of(stopped, (10, 30, 90), is_timed=True).seconds == pytest.approx(12.0)
    assert math.isnan(record_of(stopped, (10, 30, 90)).seconds)
    assert math.isnan(record_of(made_trial(4), (10, 30, 90), is_timed=True).seconds)


class Stubborn(RandomHalvingSampler):
    """Proposes the same few candidates over and over, then others."""

    def __init__(self, candidates) -> None:
        super().__init__(CandidateDomain(SPACE))
        self.candidates = list(candidates)

    def propose(self, trials, rng):
        return self.candidates.pop(0) if self.candidates else super().propose(trials, rng)


def test_what_was_tried_or_fails_is_not_tried_again():
    """A candidate already trained and an architecture known to fail are passed over."""
    tried = made_trial(1, phase="census", scores={90: 0.5})
    failing = made_trial(2, phase="census", failure=Status.DIVERGED)
    retuned = replace(failing.candidate, recipe=replace(failing.candidate.recipe, learning_rate=1e-3))
    sampler = Stubborn([tried.candidate, retuned])
    proposed = adaptive([tried, failing], sampler).next([]).trial.candidate
    assert proposed != tried.candidate
    assert proposed.architecture != failing.architecture


@pytest.mark.parametrize("name", SAMPLERS.names())
def test_no_strategy_tries_a_known_failure_again(name: str):
    """Forty networks failed, among them those that each strategy would propose first; none of them comes back."""
    sampler = strategy(name)(CandidateDomain(SPACE))
    failed = [made_trial(n, phase="census", failure=Status.DIVERGED) for n in range(40)]
    for place in range(3):  # what it would propose had it not failed
        wanted = adaptive(failed, sampler).next([]).trial.candidate
        failed.append(replace(failed[0], number=40 + place, slot=str(place), candidate=wanted))
    known = {trial.architecture.fingerprint for trial in failed}
    trials = []
    for _ in range(3):
        trials.append(adaptive(failed, sampler).next(trials).trial)
        trials[-1].in_flight = True
    assert not known & {trial.architecture.fingerprint for trial in trials}
