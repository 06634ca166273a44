from dataclasses import replace

import numpy as np
import pytest

from search.candidate import Candidate
from search.schedules.halving import UNPRUNED_EVERY, Halving, shrunken_correlations
from spaces.choices import sampling
from tests.search.made import SPACE, made_trial
from workers.outcome import CurvePoint, Outcome, Status


def halving() -> Halving:
    """One that has read nothing yet."""
    return Halving(horizon=90, epoch=4)


def pruned_slots(count: int) -> list[int]:
    """Slot numbers that are not among those let through to the end."""
    return [number for number in range(1, 10 * count) if number % UNPRUNED_EVERY][:count]


def trials_with(scores: list[float], family: str = "convolution", first: int = 0):
    numbers = pruned_slots(first + len(scores))[first:]
    return [made_trial(n, family=family, scores={10: score}) for n, score in zip(numbers, scores, strict=True)]


def test_rungs_are_a_ninth_a_third_and_all():
    """R/9, R/3, R; each trial goes to the next above where it stands."""
    assert halving().rungs == (10, 30, 90)
    fresh, paused, promoted = (made_trial(1, scores=scores) for scores in ({}, {10: 0.5}, {10: 0.5, 30: 0.5}))
    assert [halving().stop(trial) for trial in (fresh, paused, promoted)] == [10, 30, 90]
    assert halving().stop(made_trial(UNPRUNED_EVERY)) == 90


def test_the_best_third_is_promoted():
    """Of three the best goes on; of two nobody yet."""
    trials = trials_with([0.5, 0.9, 0.7])
    assert halving().promotion(trials[:2], 0.5) is None
    assert halving().promotion(trials, 0.5) is trials[1]


def test_at_the_first_rung_families_compete_among_themselves():
    """Three slow learners promote their best although every convolution is ahead of it."""
    fast = trials_with([0.90, 0.91, 0.92])
    slow = trials_with([0.3, 0.5, 0.4], "recurrence", first=3)
    promoted = [trial for level in (fast, slow) if (trial := halving().promotion(level, 0.5))]
    assert promoted == [fast[2], slow[1]]
    fast[2].in_flight = True
    assert halving().promotion(fast + slow, 0.5) is slow[1]


def test_above_the_first_rung_all_compete():
    """At R/3 the best of three goes on, whatever its family; higher rungs come first."""
    numbers = pruned_slots(3)
    families = ("convolution", "recurrence", "attention")
    trials = [
        made_trial(number, family=family, scores={10: 0.5, 30: score})
        for number, family, score in zip(numbers, families, (0.6, 0.8, 0.7), strict=True)
    ]
    assert halving().promotion(trials + trials_with([0.9] * 3, first=3), 0.5) is trials[1]


def test_nobody_is_promoted_twice_or_after_a_failure():
    """A trial in flight, one that went on and one that failed are passed over."""
    best = trials_with([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    best[0].in_flight = True
    assert halving().promotion(best, 0.5) is best[1]
    best[1] = made_trial(best[1].number, scores={10: 0.8, 30: 0.8})
    assert halving().promotion(best, 0.5) is None


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
    assert halving().promotion(hybrids, 0.5) is hybrids[-1]


def test_the_shortest_trainings_have_fewer_rungs():
    """With a step or two the rungs are as many as differ, and nobody finished is promoted."""
    assert Halving(1, 1).rungs == (1,)
    assert Halving(3, 1).rungs == (1, 3)
    assert Halving(1, 1).promotion([made_trial(UNPRUNED_EVERY, scores={1: 0.5}, horizon=1)] * 5, 0.5) is None


def test_every_fifth_goes_through():
    """An unpruned trial goes on with the worst score of all."""
    unpruned = made_trial(UNPRUNED_EVERY, scores={10: 0.0})
    assert halving().promotion([*trials_with([0.5, 0.6]), unpruned], 0.5) is unpruned


def census(ranks: dict[str, list[int]]):
    """Networks of families whose scores at R/9 rise from one to the next, and at the end rank as given."""
    trials = []
    for family, places in ranks.items():
        for number, place in enumerate(places):
            trial = made_trial(len(trials), family=family, phase="census", scores={90: place / 100})
            curve = (CurvePoint(10, 1.0, number / 100),)
            trial.outcomes[0] = replace(trial.outcomes[0], curve=curve)
            trials.append(trial)
    return trials


ALIKE, REVERSED = list(range(8)), list(range(7, -1, -1))


def first_stop(before, family: str) -> int:
    return Halving(90, 4, before).stop(made_trial(1, family=family))


def test_a_family_whose_early_scores_rank_badly_begins_at_a_third():
    """The others begin at a ninth, and so do all where nothing is known."""
    before = census({"convolution": ALIKE, "attention": ALIKE, "recurrence": REVERSED})
    assert [first_stop(before, family) for family in ("convolution", "attention", "recurrence")] == [10, 10, 30]
    assert first_stop([], "recurrence") == 10
    assert first_stop(census({"recurrence": REVERSED[:3]}), "recurrence") == 10


def test_where_early_scores_tell_nothing_all_begin_at_a_third():
    """Hybrids too, which the census has none of, and families of which too little is known."""
    before = census({"convolution": REVERSED, "attention": REVERSED})
    assert first_stop(before, "recurrence") == 30
    hybrid = made_trial(1)
    hybrid.candidate = next(
        candidate
        for seed in range(50)
        if len((candidate := Candidate.sample(SPACE, np.random.default_rng(seed))).architecture.families) > 1
    )
    assert Halving(90, 4, before).stop(hybrid) == 30


def test_a_few_networks_of_a_family_tell_little():
    """Four that rank the wrong way do not outweigh what all the others say."""
    few = {"convolution": list(range(20)), "attention": list(range(20)), "recurrence": [3, 2, 1, 0]}
    assert shrunken_correlations(census(few), 10)["recurrence"] == pytest.approx((-4 + 8 * 36 / 44) / 12)
    assert first_stop(census(few), "wavelet") == 10


def test_who_begins_at_a_third_competes_there_with_its_family():
    """Three of a family that began there promote their best, whatever others that were promoted to it reached."""
    numbers = pruned_slots(6)
    late = [
        made_trial(n, family="recurrence", scores={30: score})
        for n, score in zip(numbers, (0.3, 0.5, 0.4), strict=False)
    ]
    early = [made_trial(n, scores={10: 0.5, 30: 0.9}) for n in numbers[3:]]
    assert halving().promotion(late, 0.5) is late[1]
    assert halving().promotion(late + early, 0.5) in (late[1], early[0])
    late[1].in_flight = True
    assert halving().promotion(late + early, 0.5) is early[0]


def test_a_promotion_goes_to_the_next_rung():
    """Also in a family that would begin late now."""
    before = census({"recurrence": REVERSED})
    assert Halving(90, 4, before).stop(made_trial(1, family="recurrence", scores={10: 0.5})) == 30


def test_with_several_objectives_the_front_is_promoted():
    """Of six the two that no other dominates: the best, and a small one that is nearly as good."""
    trials = trials_with([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    size = {trial.number: cost for trial, cost in zip(trials, (90.0, 91.0, 10.0, 92.0, 93.0, 94.0), strict=True)}
    schedule = Halving(90, 4, costs=lambda trial: (size[trial.number],))
    promoted = [schedule.promotion(trials, 0.5)]
    promoted[0].in_flight = True
    promoted.append(schedule.promotion(trials, 0.5))
    assert {trial.number for trial in promoted} == {trials[0].number, trials[2].number}


def test_a_search_decides_alike_whether_it_is_read_at_once_or_as_it_goes():
    """Outcomes come in any order, many alike; a schedule that has followed them promotes whom a fresh one would."""
    rng = np.random.default_rng(0)
    followed, trials = halving(), []
    for _ in range(300):
        if rng.random() < 0.5:
            family = ("convolution", "recurrence")[rng.integers(2)]
            trials.append(made_trial(len(trials), slot=str(len(trials)), family=family))
            trials[-1].in_flight, trials[-1].stop = True, halving().stop(trials[-1])
        elif promoted := followed.promotion(trials, 0.5):
            assert halving().promotion(trials, 0.5) is promoted
            promoted.in_flight, promoted.stop = True, halving().stop(promoted)
        if at_work := [trial for trial in trials if trial.in_flight]:
            ending = at_work[rng.integers(len(at_work))]
            score = float(rng.integers(5))
            outcome = Outcome(ending.number, ending.reached, ending.stop, Status.TRAINED, "", score, score)
            ending.outcomes.append(outcome)
            ending.in_flight = False
    assert halving().promotion(trials, 0.5) is followed.promotion(trials, 0.5)
    assert sum(trial.reached == 90 for trial in trials if int(trial.slot) % UNPRUNED_EVERY) >= 5
