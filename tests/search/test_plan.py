import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.plan import (
    SHORTEST_MEANINGFUL_HORIZON,
    budget_for_contrasts,
    is_small,
    parse_duration,
    plan_time,
    plan_trials,
    trainings_of_a_contrast,
    trials_for_contrasts,
)
from spaces import InvalidInput


@given(trials=st.integers(1, 2000), horizon=st.integers(1, 5000), families=st.integers(1, 8))
def test_trials_are_exact(trials: int, horizon: int, families: int):
    """The phases together have exactly the trials asked for, none a negative number."""
    plan = plan_trials(trials, horizon, families, landmarks=6)
    phases = (
        plan.landmarks,
        plan.blocks * families,
        plan.doubled * families,
        plan.contrasted,
        plan.adaptive,
        plan.shortlisted * plan.replicates,
        plan.finalists * plan.seeds,
    )
    assert sum(phases) == trials
    assert min(phases) >= 0
    assert 1 <= plan.landmarks <= 6


def test_a_hundred_trials_are_shared_as_designed():
    """A third for the census, three a family for the doubling check, the rest for search and confirmation."""
    plan = plan_trials(100, 600, families=5, landmarks=6)
    assert (plan.landmarks, plan.blocks, plan.doubled, plan.finalists, plan.seeds) == (6, 7, 3, 5, 3)
    assert (plan.adaptive, plan.shortlisted, plan.replicates) == (23, 2, 3)


@pytest.mark.parametrize(("trials", "horizon"), [(60, 600), (200, 400)])
def test_no_doubling_check_where_no_claim_is_possible(trials: int, horizon: int):
    """With fewer than six blocks, or short training, no family can be excluded whatever the check says."""
    assert plan_trials(trials, horizon, families=5, landmarks=6).doubled == 0


@pytest.mark.parametrize(
    ("budget", "slots", "step", "horizon"),
    [
        (300, 2, 0.005, 720),  # 298 core seconds of 5 ms a step: twelve blocks of six, and six landmarks that cost nine
        (3600, 2, 0.005, 2000),  # never longer than 2,000 steps: then come more blocks
        (300, 2, 0.008, 500),  # ten blocks of 500 steps rather than twelve shorter ones
        (300, 2, 0.012, 500),  # at least the six blocks that a test needs
        (300, 2, 0.0195, 500),  # or nearly: the timing may have overrated them
        (300, 2, 0.022, 380),
        (60, 2, 0.0085, 140),  # not even six blocks of 500 steps fit: what fits
    ],
)
def test_the_horizon_is_the_longest_that_leaves_enough_blocks(budget, slots, step, horizon):
    """Twelve blocks where that leaves 500 steps, then six, then shorter training."""
    assert plan_time(budget, slots, step, families=6, landmarks=6).horizon == horizon


@pytest.mark.parametrize(
    ("budget", "step", "landmarks"), [(300, 0.009, 11), (240, 0.0095, 5), (240, 0.02, 3), (60, 0.01, 3)]
)
def test_landmarks_give_way_before_steps(budget, step, landmarks):
    """All where eight blocks of 500 steps fit beside them, three at least where not even those do."""
    assert plan_time(budget, 2, step, families=6, landmarks=11).landmarks == landmarks


@pytest.mark.parametrize("budget", [300, 600, 1200, 36_000])
def test_the_phases_of_a_time_budget_end_in_order(budget: float):
    """Each phase ends after the one before and all within the budget."""
    plan = plan_time(budget, 2, 0.0045, families=6, landmarks=6)
    ends = [
        0,
        plan.census_ends,
        plan.doubling_ends,
        plan.contrasts_ends,
        plan.adaptive_ends,
        plan.shortlist_ends,
        plan.confirmation_ends,
        budget,
    ]
    assert ends == sorted(ends)
    assert (plan.contrasts_ends > plan.doubling_ends) == (plan.contrasted > 0) == (budget >= 1200)
    assert plan.horizon >= SHORTEST_MEANINGFUL_HORIZON


@pytest.mark.parametrize(("trials", "hosts", "seeds"), [(344, 6, 2), (464, 8, 3), (2000, 8, 3)])
def test_contrasts_get_what_the_checks_leave(trials: int, hosts: int, seeds: int):
    """From 344 trials on at least a whole contrast, beside a doubling check and five seeds a finalist."""
    plan = plan_trials(trials, 600, families=6, landmarks=6)
    assert plan.contrasted >= trainings_of_a_contrast(plan.hosts, plan.contrast_seeds)
    assert (plan.hosts, plan.contrast_seeds, plan.seeds, plan.doubled) == (hosts, seeds, 5, 3)
    before = plan_trials(trials, 600, families=6, landmarks=6, components=False)
    assert (before.contrasted, before.blocks, before.doubled) == (0, plan.blocks, plan.doubled)


@pytest.mark.parametrize(("trials", "horizon"), [(343, 600), (2000, 499), (100, 600)])
def test_no_contrast_where_there_is_no_room_or_training_is_short(trials: int, horizon: int):
    """Such plans are what they were before there were contrasts."""
    plan = plan_trials(trials, horizon, families=6, landmarks=6)
    assert plan.contrasted == 0
    assert plan == plan_trials(trials, horizon, families=6, landmarks=6, components=False)


def test_what_would_suffice_for_a_first_contrast_is_told():
    """By trials the fewest that have room; by time the least of a few in an eighth of which 60 trainings fit."""
    fewest = trials_for_contrasts(families=6)
    assert plan_trials(fewest, 500, 6, landmarks=6).contrasted > 0
    assert plan_trials(fewest - 1, 500, 6, landmarks=6).contrasted == 0
    assert budget_for_contrasts(0.001, families=6, slots=2, more_than=300) == "20m"  # 60 s of 144
    assert budget_for_contrasts(0.005, families=6, slots=2, more_than=300) == "30m"  # 172 s of 216, with 1,140 steps
    assert budget_for_contrasts(0.005, families=6, slots=2, more_than=2700) == "1h"
    assert budget_for_contrasts(10.0, families=6, slots=2, more_than=300) == "48h or more"


@pytest.mark.parametrize("budget", [60, 300, 1199, 1200, 7200])
def test_contrasts_take_no_time_from_the_families(budget: float):
    """Census and doubling check last as long as without contrasts; below twenty minutes all is the same."""
    asks, does_not = (plan_time(budget, 2, 0.0045, 6, 6, components) for components in (True, False))
    for field in ("blocks", "doubled", "census_ends", "doubling_ends"):
        assert getattr(asks, field) == getattr(does_not, field)
    assert (asks == does_not) == (budget < 1200)


@pytest.mark.parametrize(
    ("minutes", "without", "beside"), [(20, 1320, 1320), (30, 2000, 2000), (45, 2000, 1220), (60, 2000, 1640)]
)
def test_a_long_horizon_gives_way_to_a_contrast(minutes: int, without: int, beside: int):
    """To a thousand steps at least, with which a whole one fits; where it would not, nothing is given for it."""
    step = 0.007
    plans = [plan_time(60 * minutes, 2, step, 6, 6, components) for components in (False, True)]
    assert [plan.horizon for plan in plans] == [without, beside]
    needed = trainings_of_a_contrast(plans[1].hosts, plans[1].contrast_seeds) * beside * step / 2
    room = plans[1].contrasts_ends - plans[1].doubling_ends
    assert (needed <= 0.8 * room) == (beside < without)


def test_a_budget_below_twenty_minutes_is_small():
    """One of trials alone is not: it takes what it takes."""
    assert [is_small(seconds) for seconds in (300, 1199, 1200, None)] == [True, True, False, False]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("1.5h", 5400), (" 2 m ", 120)])
def test_durations_are_read(text: str, seconds: float):
    """A number and a unit."""
    assert math.isclose(parse_duration(text), seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 minutes", "1e3s", "9s", "0m", "٣m x"])
def test_other_durations_are_refused(text: str):
    """The message says what was found and what was expected."""
    with pytest.raises(InvalidInput, match=r"budget: found .*, expected "):
        parse_duration(text)


@pytest.mark.parametrize("budget", [240, 3600])
def test_with_one_family_components_have_most_of_any_budget(budget: float):
    """There is nothing to compare it with, so no training is doubled, and a whole contrast of full trainings fits."""
    step = 0.006
    plan = plan_time(budget, 2, step, families=1, landmarks=4)
    assert (plan.doubled, plan.census_ends, plan.contrasts_ends) == (0, 0.25 * budget, 0.82 * budget)
    assert plan.horizon >= SHORTEST_MEANINGFUL_HORIZON
    needed = trainings_of_a_contrast(plan.hosts, plan.contrast_seeds) * plan.horizon * step / 2
    assert needed <= plan.contrasts_ends - plan.doubling_ends
    without = plan_time(budget, 2, step, families=1, landmarks=4, components=False)
    assert without.contrasted == 0 and without.contrasts_ends == without.doubling_ends


@pytest.mark.parametrize(("step", "hosts", "horizon"), [(0.002, 6, 1320), (0.006, 6, 500), (0.0095, 4, 500)])
def test_with_one_family_hosts_and_steps_are_what_fits(step: float, hosts: int, horizon: int):
    """Two dozen networks to choose hosts from rather than longer trainings, and four hosts rather than none."""
    plan = plan_time(240, 2, step, families=1, landmarks=3)
    assert (plan.hosts, plan.horizon) == (hosts, horizon)
    census = (plan.census_ends - 10 - 12) * 2 / step - 3 * 1.5 * plan.horizon
    assert census >= (24 if step == 0.002 else 6) * plan.horizon
    needed = trainings_of_a_contrast(hosts, plan.contrast_seeds) * horizon * step / 2
    assert needed <= 0.8 * (plan.contrasts_ends - plan.doubling_ends)
