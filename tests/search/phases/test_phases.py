"""What each phase but the adaptive search wants next, from the trials it is given."""

from dataclasses import replace

import pytest

from search.candidate import Candidate
from search.phases import FRESH_SEEDS, SHORTLIST_SEEDS
from search.phases.confirmation import Confirmation
from search.phases.doubling import Doubling
from search.phases.landmarks import LandmarksPhase
from search.phases.ranking import best_on_search_rows, choose_finalists, shortlisted
from search.phases.shortlist import Shortlist
from search.phases.timing import STEPS, Timing, seconds_by_slot, step_seconds, timing_blocks
from spaces import LANDMARKS, Grid, SearchSpace, Task, landmark, natural_landmarks
from tests.search.made import SPACE, made_trial
from tests.search.phases.running import FAMILIES, PLAN, census, run
from workers.engine import Signal
from workers.outcome import Status
from workers.recipe import Recipe


def test_landmarks_are_those_the_space_can_hold():
    """A space of convolutions has the convolutional landmarks alone; a smaller plan takes one of each family first."""
    trials, _, _ = run(LandmarksPhase(SPACE, 99, 90, seed=0, recipe=Recipe()))
    assert sorted(trial.slot for trial in trials) == sorted(LANDMARKS)
    first = [trial.family for trial in trials[:5]]
    assert sorted(first) == ["attention", "convolution", "feedforward", "recurrence", "wavelet"]
    convolutions = run(LandmarksPhase(SPACE.only(["convolution"]), 99, 90, seed=0, recipe=Recipe()))[0]
    assert {trial.family for trial in convolutions} == {"convolution"}
    assert len(run(LandmarksPhase(SPACE, 2, 90, seed=0, recipe=Recipe()))[0]) == 2


def test_landmarks_are_the_natural_ones_of_a_task():
    """On images nobody would try a recurrent network first; each is fitted to what it reads."""
    image = Task(Grid((28, 28), 1), 10)
    trials, _, _ = run(LandmarksPhase(SPACE.fitted(image), 99, 90, seed=0, recipe=Recipe()))
    assert sorted(trial.slot for trial in trials) == sorted(natural_landmarks(image))
    assert {trial.architecture["stem"] for trial in trials} == {"flatten", "patch", "convolutional"}


@pytest.mark.parametrize(
    ("task", "outside"),
    [(Task(Grid((8, 8), 1), 10), []), (Task(Grid((60,), 1), 3, vocabulary=4), ["tcn"]), (Task(Grid((), 8), 3), [])],
)
def test_a_landmark_may_be_the_champion(task: Task, outside: list[str]):
    """Since it lies in the whole space; but for the TCN, which has a stage more than that."""
    space, recipe = SearchSpace.named("everything").fitted(task), Recipe.usual(task, "accuracy")
    own = {name: Candidate(landmark(name, task), recipe).lies_in(space) for name in natural_landmarks(task)}
    assert [name for name, lies_in in own.items() if not lies_in] == outside


def timing(clock=lambda: 0.0) -> Timing:
    return Timing(SPACE, 0, 8, seconds=10.0, clock=clock)


def test_timing_of_slow_networks_ends_early():
    """When its time is up, the block that began is finished and no other starts; one there always is."""
    now = iter([50.0, 59.0, 61.0])  # looked at when the first outcome is there, and where a block would begin
    trials, _, end = run(timing(clock=lambda: next(now)))
    assert (end, len(trials)) == (Signal.DONE, 2 * len(FAMILIES))
    now = iter([50.0, 61.0])
    assert len(run(timing(clock=lambda: next(now)))[0]) == len(FAMILIES)


def test_timing_measures_a_step_of_every_family():
    """Eight blocks of a dozen steps; a step costs what the families' means average to."""
    trials, order, _ = run(timing())
    assert len(trials) == 8 * len(FAMILIES)
    assert {stop for _, _, stop in order} == {STEPS}
    coming = run(census(seed=0))[0]
    assert {trial.slot: trial.candidate for trial in coming}.items() <= {t.slot: t.candidate for t in trials}.items()
    for trial in trials:
        slow = trial.family == "attention"
        trial.outcomes[0] = replace(trial.outcomes[0], step_seconds=0.014 if slow else 0.002)
    assert step_seconds(trials) == pytest.approx(0.002 + 0.012 / len(FAMILIES))


def test_timing_copes_with_failures():
    """Failed samples are left out; where all failed there is still a figure to plan with."""
    trials, _, _ = run(timing())
    failed = [made_trial(n, family=t.family, phase="timing", failure=Status.CRASHED) for n, t in enumerate(trials)]
    timed = [replace(t, outcomes=[replace(t.outcomes[0], step_seconds=0.01)]) for t in trials if t.family == "wavelet"]
    assert step_seconds(timed + failed) == pytest.approx(0.01)
    assert seconds_by_slot(timed + failed) == {f"wavelet/{block}": 0.01 for block in range(8)}
    assert step_seconds(failed) > 0


def doubling(census_trials, clock=lambda: 0.0, **changes) -> Doubling:
    return Doubling(census_trials, FAMILIES, replace(PLAN, **changes), 2, clock)


def test_the_doubling_check_retrains_the_best_of_each_family():
    """Top three on the search rows, never a failed one, same candidate, division and seed, twice the horizon."""
    census_trials = [
        made_trial(10 * f + i, family=family, phase="census", slot=f"{family}/{i}", scores={90: i / 10})
        for f, family in enumerate(FAMILIES)
        for i in range(5)
    ]
    census_trials[4] = made_trial(
        4, family=FAMILIES[0], phase="census", slot=census_trials[4].slot, failure=Status.CRASHED
    )
    trials, order, _ = run(doubling(census_trials))
    chosen = {family: {t.slot for t in trials if t.family == family} for family in FAMILIES}
    assert chosen[FAMILIES[0]] == {f"{FAMILIES[0]}/{i}" for i in (1, 2, 3)}
    assert all(chosen[family] == {f"{family}/{i}" for i in (2, 3, 4)} for family in FAMILIES[1:])
    originals = {trial.slot: trial for trial in census_trials}
    assert all(trial.candidate == originals[trial.slot].candidate for trial in trials)
    assert {step for _, _, step in order} == {180}
    assert all(trial.outcomes == [] or trial.outcomes[0].start == 0 for trial in trials)


@pytest.mark.parametrize(("now", "each"), [(90.0, 3), (96.0, 1), (999.0, 1)])
def test_all_families_are_checked_with_equal_numbers(now: float, each: int):
    """Six trainings of 2 s on two workers take 6 s: with less time than that no other rank begins, the first always."""
    census_trials = run(census())[0]
    trials, _, end = run(doubling(census_trials, clock=lambda: now, doubling_ends=100.0))
    assert end is Signal.DONE
    assert {family: sum(t.family == family for t in trials) for family in FAMILIES} == dict.fromkeys(FAMILIES, each)


def test_a_familys_doubling_check_waits_for_its_census():
    """While a census trial runs, the other families' best are trained; its own when it is done."""
    census_trials = run(census())[0]
    last = census_trials[-1]
    outcomes, last.outcomes, last.in_flight = last.outcomes, [], True
    trials, _, end = run(doubling(census_trials, doubled=2))
    assert end is Signal.WAIT
    assert {trial.family for trial in trials} == set(FAMILIES) - {last.family}
    last.outcomes, last.in_flight = outcomes, False
    trials, _, end = run(doubling(census_trials, doubled=2), trials)
    assert (end, len(trials)) == (Signal.DONE, 2 * len(FAMILIES))


def finalists():
    return [made_trial(n, phase="adaptive", scores={90: 0.9 - n / 100}, seconds=float(n + 1)) for n in range(3)]


def test_finalists_share_fresh_seeds_that_the_search_has_not_seen():
    """Every finalist is trained with every seed, the sealed test is opened, and each one's first weights are kept."""
    phase = Confirmation(finalists(), PLAN, seed=4, slots=2, clock=lambda: 0.0)
    first = phase.next([])
    assert first.opens_test
    trials, _, end = run(phase)
    assert end is Signal.DONE
    seeds = {trial.seed for trial in trials}
    assert len(seeds) == 4
    assert min(seeds) >= 4 * 100_000 + FRESH_SEEDS
    prints = [trial.architecture.fingerprint for trial in finalists()]
    assert {(t.architecture.fingerprint, t.seed) for t in trials} == {(p, s) for p in prints for s in seeds}
    kept = [trial.slot for trial in trials if phase.segment(trial).keeps_checkpoint]
    assert sorted(kept) == sorted(f"{fingerprint}/0" for fingerprint in prints)


@pytest.mark.parametrize(
    ("now", "steps"),
    [
        (0.0, 4 * 90),  # there is time for more, but longer is another question than the search asked
        (70.0, 202),  # 30 s of 2 workers, a tenth kept back, for 4 seeds of networks that cost 6 s a 90 steps
        (99.0, 90),  # never shorter than the search's
    ],
)
def test_final_trainings_are_as_long_as_the_time_left_allows(now: float, steps: int):
    """All finalists get the same length, a resumed confirmation that of the first."""
    phase = Confirmation(finalists(), replace(PLAN, confirmation_ends=100.0), 4, 2, clock=lambda: now)
    first = phase.next([])
    assert (first.stop, first.trial.horizon) == (steps, steps)
    resumed = Confirmation(finalists(), replace(PLAN, confirmation_ends=100.0), 4, 2, clock=lambda: 99.0)
    assert {trial.horizon for trial in run(resumed, [first.trial])[0]} == {steps}


def test_a_final_training_is_no_longer_than_the_time_left():
    """Many workers do not make one training faster: the slowest finalist takes 3 s a 90 steps, and 9 s are left."""
    phase = Confirmation(finalists(), replace(PLAN, confirmation_ends=100.0), 4, 64, clock=lambda: 91.0)
    assert phase.next([]).stop == 243


def shortlist(before, clock=lambda: 0.0, **changes) -> Shortlist:
    return Shortlist(before, SPACE, replace(PLAN, **changes), seed=4, slots=2, clock=clock)


def searched(count=5):
    return [made_trial(n, phase="adaptive", scores={90: 0.9 - n / 100}) for n in range(count)]


def test_the_shortlist_trains_the_best_again_on_fresh_divisions():
    """The three best, each on the same two divisions, which neither search nor confirmation sees."""
    before = searched()
    trials, order, end = run(shortlist(before))
    assert end is Signal.DONE
    best = {trial.architecture.fingerprint for trial in before[:3]}
    assert {t.architecture.fingerprint for t in trials} == best
    assert len(trials) == 6
    assert {stop for _, _, stop in order} == {90}
    assert {t.division for t in trials} == {4 * 100_000 + SHORTLIST_SEEDS + number for number in range(2)}


def test_the_shortlist_is_chosen_on_search_and_confirm_rows():
    """Networks that luck made best on the search rows alone stay out."""
    before = searched()
    for trial, confirm in zip(before, (0.7, 0.95, 0.5, 0.94, 0.93), strict=True):
        trial.outcomes[-1] = replace(trial.outcomes[-1], confirm_score=confirm)
    listed = {trial.architecture.fingerprint for trial in run(shortlist(before))[0]}
    assert listed == {before[n].architecture.fingerprint for n in (1, 3, 4)}


@pytest.mark.parametrize(
    ("now", "steps"),
    [
        (0.0, 4 * 90),  # there is time for more, but longer is another question than the search asked
        (80.0, 180),  # 20 s of 2 workers, a tenth kept back, for 3 networks twice and four times at 1 s a 90 steps
        (99.0, 90),  # never shorter than the search's
    ],
)
def test_the_shortlist_is_trained_for_as_long_as_the_champion_will_be(now: float, steps: int):
    """So that time is left for the confirmation; once it has begun its length stands."""
    phase = shortlist(searched(), lambda: now, confirmation_ends=100.0)
    trials, order, _ = run(phase)
    assert {stop for _, _, stop in order} == {steps}
    resumed = run(shortlist(searched(), lambda: 99.0, confirmation_ends=100.0), trials[:1])[0]
    assert {trial.horizon for trial in resumed} == {steps}


def test_a_list_that_began_stays():
    """Whatever would be on it by the rules of another version, or if it began now."""
    before = searched()
    begun = [made_trial(n, phase="shortlist", slot=f"{before[n].architecture.fingerprint}/0") for n in (2, 3, 4)]
    for trial, source in zip(begun, before[2:], strict=True):
        trial.candidate = source.candidate
    listed = shortlisted([*before, *begun], 90, SPACE)[:3]
    assert [trial.number for trial in listed] == [2, 3, 4]


def test_with_many_workers_the_slowest_of_the_list_is_waited_for_twice():
    """For the list and for the confirmation: 3 s are left, a tenth kept back, and it takes 1 s a 90 steps."""
    phase = Shortlist(searched(), SPACE, replace(PLAN, confirmation_ends=23.0), 4, 64, clock=lambda: 20.0)
    assert phase.next([]).stop == 121


def test_the_champion_keeps_the_recipe_that_the_shortlist_trained():
    """Another recipe of the same network that did better on the search rows alone is not what was chosen."""
    before = searched(4)
    other = replace(before[1].candidate, recipe=replace(before[1].candidate.recipe, learning_rate=0.5))
    before.append(made_trial(4, phase="adaptive", scores={90: 0.99}))
    before[4].candidate = other
    before[4].outcomes[-1] = replace(before[4].outcomes[-1], confirm_score=0.1)
    trials = run(shortlist(before))[0]
    assert other not in [trial.candidate for trial in trials]
    for trial in trials:
        score = 0.9 if trial.candidate == before[1].candidate else 0.8
        trial.outcomes[-1] = replace(trial.outcomes[-1], search_score=score, confirm_score=score)
    assert choose_finalists([*before, *trials], 90, SPACE)[0] is before[1]
    networks = best_on_search_rows([*before, *trials], 90, SPACE)
    assert [trial.number for trial in networks] == [0, 1, 2, 3]  # as in a front, or an ensemble


def test_who_is_sure_to_be_in_the_shortlist_starts_early():
    """With one training in flight that may come in, two of three places are sure."""
    before = searched()
    before[4].outcomes.clear()
    before[4].in_flight = True
    trials, _, end = run(shortlist(before))
    assert end is Signal.WAIT
    assert {t.architecture.fingerprint for t in trials} == {t.architecture.fingerprint for t in before[:2]}


def test_a_network_that_another_recipe_may_better_is_not_sure_yet():
    """Its replicates would mix two recipes."""
    before = searched()
    before[4].candidate = replace(before[4].candidate, architecture=before[0].candidate.architecture)
    before[4].outcomes.clear()
    before[4].in_flight = True
    trials, _, end = run(shortlist(before))
    assert end is Signal.WAIT
    assert {t.architecture.fingerprint for t in trials} == {before[1].architecture.fingerprint}


def test_another_replicate_starts_only_in_time():
    """The first always runs: without it there is no list."""
    assert len(run(shortlist(searched(), clock=lambda: 11.0, shortlist_ends=10.0))[0]) == 3


def test_the_champion_is_the_best_of_the_shortlist():
    """A score that luck made best does not make a champion; a network that failed there is the last of the list."""
    before = searched()
    trials = run(shortlist(before))[0]
    second = before[1].architecture.fingerprint
    for trial in trials:
        score = 0.8 if trial.architecture.fingerprint == second else 0.7
        trial.outcomes[-1] = replace(trial.outcomes[-1], search_score=score, confirm_score=score)
    failing = next(trial for trial in trials if trial.architecture.fingerprint == before[0].architecture.fingerprint)
    failing.outcomes[-1] = replace(failing.outcomes[-1], status=Status.DIVERGED, search_score=None, confirm_score=None)
    finalists = choose_finalists([*before, *trials], 90, SPACE)
    assert [trial.number for trial in finalists] == [1, 2, 0, 3, 4]


def test_at_least_three_seeds_whatever_the_time():
    """When the time is up, three seeds are done all the same; more only while they fit."""
    late = Confirmation(finalists(), replace(PLAN, seeds=10, confirmation_ends=5.0), 4, 2, clock=lambda: 100.0)
    assert len({trial.seed for trial in run(late)[0]}) == 3


def test_time_that_is_left_goes_into_more_seeds():
    """Ten at most, and none that would end too late: two workers train the three finalists for 360 steps in 12 s."""
    plan, seeds = replace(PLAN, confirmation_ends=100.0), {}
    first = Confirmation(finalists(), plan, 4, 2, clock=lambda: 0.0).next([]).trial  # of 360 steps
    for now in (0.0, 88.0, 89.0):
        resumed = Confirmation(finalists(), plan, 4, 2, clock=lambda now=now: now)
        seeds[now] = len({trial.seed for trial in run(resumed, [replace(first)])[0]})
    assert seeds == {0.0: 10, 88.0: 10, 89.0: 3}


def test_the_champion_is_the_best_of_the_full_trainings():
    """Champion, runner-up, three best landmarks; shorter, longer and failed trainings do not take part."""
    trials = [
        made_trial(0, phase="landmarks", slot="a", scores={90: 0.80}),
        made_trial(1, phase="landmarks", slot="b", scores={90: 0.70}),
        made_trial(2, phase="landmarks", slot="c", scores={90: 0.60}),
        made_trial(3, phase="landmarks", slot="d", scores={90: 0.50}),
        made_trial(4, phase="census", scores={90: 0.95}),
        made_trial(5, phase="adaptive", scores={10: 0.99}),
        made_trial(6, phase="doubling", scores={180: 0.99}, horizon=180),
        made_trial(7, phase="timing", scores={60: 0.99}, horizon=60),
        made_trial(8, phase="adaptive", scores={10: 0.2, 30: 0.5, 90: 0.96}),
        made_trial(9, phase="adaptive", scores={10: 0.99}, failure=Status.CRASHED),
    ]
    assert [trial.number for trial in choose_finalists(trials, 90, SPACE)] == [8, 4, 0, 1, 2]


def test_a_landmark_stays_a_baseline_when_another_recipe_betters_it():
    """The champion has the network of the best landmark: it is still to be measured against the three best."""
    landmarks = [made_trial(n, phase="landmarks", slot=str(n), scores={90: 0.9 - n / 10}) for n in range(4)]
    better = replace(made_trial(4, phase="adaptive", scores={90: 0.95}), candidate=landmarks[0].candidate)
    finalists = choose_finalists([*landmarks, better], 90, SPACE)
    assert [trial.number for trial in finalists[:3]] == [4, 1, 2]


def test_a_landmark_outside_the_space_is_no_champion():
    """It stays a baseline, however good; where nothing in the space was trained there is no champion."""
    landmark = made_trial(0, phase="landmarks", slot="a", scores={90: 0.99})
    inside = made_trial(1, phase="census", scores={90: 0.5})
    narrow = replace(SPACE.only(["convolution"]), widths=(9,))
    assert [trial.number for trial in choose_finalists([landmark, inside], 90, narrow)] == [1, 0]
    assert choose_finalists([landmark], 90, narrow) == []
    assert [trial.number for trial in choose_finalists([landmark, inside], 90, SPACE)] == [0, 1]


def test_a_small_budget_is_not_spent_on_timing():
    """One block of twenty seconds' budget, eight from three minutes on."""
    assert [timing_blocks(seconds) for seconds in (10, 30, 60, 160, 7200)] == [1, 1, 3, 8, 8]


def test_the_same_network_is_no_runner_up():
    """A copy of the champion with another recipe leaves the second place to another architecture."""
    best = made_trial(0, phase="census", scores={90: 0.9})
    copy = replace(made_trial(1, phase="adaptive", scores={90: 0.89}), candidate=best.candidate)
    other = made_trial(2, phase="census", scores={90: 0.5})
    assert [trial.number for trial in choose_finalists([best, copy, other], 90, SPACE)] == [0, 2]
