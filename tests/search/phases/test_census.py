"""What the census draws, and when it begins another block."""

from dataclasses import replace

import numpy as np
import pytest

from search.phases.census import census_trial
from spaces import Grid, Task
from spaces.cost import parameters
from tests.search.made import SPACE
from tests.search.phases.running import FAMILIES, census, run
from workers.engine import Signal


def test_the_census_gives_every_family_the_same_conditions():
    """Blocks of one configuration a family, which share division and seed; every family pure and equally often."""
    trials, _, end = run(census())
    assert end is Signal.DONE
    assert sorted(trial.slot for trial in trials) == sorted(f"{f}/{i}" for f in FAMILIES for i in range(3))
    for block in range(3):
        members = [trial for trial in trials if trial.slot.endswith(f"/{block}")]
        assert len({trial.division for trial in members}) == len({trial.seed for trial in members}) == 1
    assert len({trial.seed for trial in trials}) == 3
    assert all(trial.slot.startswith(trial.family + "/") for trial in trials)
    assert {stop for _, _, stop in run(census())[1]} == {90}


def test_the_census_is_the_same_for_the_same_seed():
    """What was drawn follows from the study's seed and the slot alone."""
    first, second = run(census())[0], run(census())[0]
    assert [trial.candidate for trial in first] == [trial.candidate for trial in second]
    other = run(census(seed=5))[0]
    assert [trial.candidate for trial in first] != [trial.candidate for trial in other]


def test_a_census_draws_no_network_that_it_does_not_start(monkeypatch):
    """To draw one takes milliseconds, so what a proposal costs may not grow with those before it."""
    drawn = []
    monkeypatch.setattr("search.phases.census.census_trial", lambda *named: drawn.append(named) or census_trial(*named))
    trials, _, _ = run(census(blocks=6))
    assert len(drawn) == len(trials) == 6 * len(FAMILIES)


def test_a_block_that_began_is_finished():
    """When the time is up in the middle of a block, its other families are still trained, and no further block."""
    now = iter([0.0] + [1000.0] * 100)
    trials, _, end = run(census(clock=lambda: next(now), blocks=40, census_ends=100.0))
    assert end is Signal.DONE
    assert len(trials) == len(FAMILIES)


def test_no_block_starts_that_would_end_too_late():
    """With 10 s a training, 5 families and 2 slots a block takes 25 s: at 80 of 100 s no other starts."""
    trials, _, _ = run(census(clock=lambda: 80.0, blocks=40, census_ends=100.0), seconds=10.0)
    assert len(trials) == len(FAMILIES)
    trials, _, _ = run(census(clock=lambda: 70.0, blocks=2, census_ends=100.0), seconds=10.0)
    assert len(trials) == 2 * len(FAMILIES)


def test_a_block_is_reckoned_by_what_it_was_timed_at():
    """Blocks that took 30 s: one timed at three times as much has no room in 40 s, a quarter of it has in 15."""
    timed = {f"{family}/{block}": step for family in FAMILIES for block, step in enumerate((0.01, 0.03, 0.005))}
    assert blocks_begun(timed, first=1, clock=60.0) == 1
    assert blocks_begun(timed, first=1, clock=5.0) > 1
    assert blocks_begun(timed, first=2, clock=85.0) == 3  # both took 30 s, .02 a step: this one is a quarter
    assert blocks_begun({**timed, "attention/2": 1.0}, first=2, clock=85.0) == 2


def test_a_block_that_was_not_timed_is_reckoned_by_those_done():
    """As where timing was over before it, or one of its networks failed there."""
    timed = {f"{family}/{block}": 0.01 if block else 0.001 for family in FAMILIES for block in range(2)}
    del timed[f"{FAMILIES[0]}/1"]
    assert blocks_begun(timed, first=1, clock=70.0) > 1
    assert blocks_begun(timed, first=1, clock=80.0) == 1


def blocks_begun(timed, first: int, clock: float) -> int:
    """How many blocks there are in the end, after so many of 10 s a training, where the next must end at 100 s."""
    done = run(census(blocks=first), seconds=10.0)[0]
    trials, _, _ = run(census(clock=lambda: clock, timed=timed, blocks=40, census_ends=100.0), done, seconds=10.0)
    return len(trials) // len(FAMILIES)


def test_a_census_has_nothing_more_to_start_while_its_last_trial_runs():
    """So the doubling check of the other families may begin."""
    trials, _, _ = run(census())
    trials[-1].outcomes.clear()
    trials[-1].in_flight = True
    assert census().next(trials) is Signal.DONE


@pytest.mark.parametrize(
    ("ends", "blocks"),
    [
        ({"adaptive_ends": 195.0}, 6),
        ({"adaptive_ends": 205.0}, 8),  # 110 s, a block of 30, and a check of two more
        ({"adaptive_ends": 205.0, "contrasted": 60}, 6),
        ({"adaptive_ends": 205.0, "horizon": 480}, 5),
    ],
)
def test_the_blocks_that_make_a_test_tell_something_may_come_late(ends, blocks: int):
    """The sixth takes time from later phases, the seventh and eighth the search's; none where training is too short."""
    now = iter([*[0.0] * 5, *[110.0] * 9])  # looked at where a block would begin
    late = census(
        clock=lambda: next(now), blocks=40, census_ends=100.0, doubling_ends=180.0, **{"horizon": 500, **ends}
    )
    assert len(run(late, seconds=10.0)[0]) == blocks * len(FAMILIES)


def test_the_candidates_of_a_block_are_twins():
    """Whatever several families are asked they answer alike, but for what they have other options for."""
    differing = set()
    for block in range(12):
        candidates = [census_trial("census", SPACE, family, block, 90, 4).candidate.choices() for family in FAMILIES]
        for name in set().union(*candidates):
            answers = {candidate[name] for candidate in candidates if name in candidate}
            differing |= {name} if len(answers) > 1 else set()
    assert {"stage1.operation", "stage2.operation"} <= differing
    assert not {name for name in differing if name.startswith("recipe.") or name in ("width", "connection", "gate")}


def test_the_blocks_of_a_census_are_uniform():
    """Each family's configurations are independent draws: learning rates fill their range, in every family alike."""
    rates = [census_trial("census", SPACE, FAMILIES[0], n, 90, 4).candidate.recipe.learning_rate for n in range(200)]
    shares, _ = np.histogram(np.log10(rates), bins=4, range=(np.log10(3e-4), np.log10(3e-2)))
    assert shares.sum() == 200
    assert shares.min() >= 30  # of 50; that one of four bins has fewer, or more than 72, has a probability of .002
    assert shares.max() <= 72


def test_a_census_finds_networks_in_a_tight_band():
    """Where most draws lie outside a band of parameters, each family is drawn until one does not."""
    image = Task(Grid((32, 32), 3), 10)
    space = replace(SPACE, parameters=(10_000, 20_000)).fitted(image).only(["feedforward", "wavelet"])
    for family in space.families:
        for block in range(4):
            architecture = census_trial("census", space, family, block, 90, 0).architecture
            assert 10_000 <= parameters(architecture, image) <= 20_000
