"""What the contrasts want next, and what their trainings tell the verdict."""

from collections import Counter
from dataclasses import replace

import pytest

from search.components import CONTROL, Contrast, contrasts_of
from search.contrast_evidence import paired_scores
from search.phases import CONTRAST_SEEDS, SEEDS_A_STUDY
from search.phases.census import block_of
from search.phases.contrasts import Contrasts
from search.phases.hosts import choose_hosts
from search.plan import trainings_of_a_contrast
from search.trial import Trial
from tests.search.made import SPACE
from tests.search.phases import running
from tests.search.phases.running import PLAN, run
from workers.engine import Signal
from workers.outcome import Status

HOSTS, SEEDS = 6, 2
WHOLE = trainings_of_a_contrast(HOSTS, SEEDS)
RESIDUAL = Contrast("connection", "residual", "plain")
USUAL_GATE = Contrast("gate", "squeeze_excitation", "none")


@pytest.fixture(scope="module")
def census() -> list[Trial]:
    """Eight blocks; a family's configurations are the better the later they came."""
    trials, _, _ = run(running.census(blocks=8))
    for trial in trials:
        block = int(trial.slot.rpartition("/")[2])
        trial.outcomes[-1] = replace(trial.outcomes[-1], search_score=0.5 + block / 100, parameters=100)
    return trials


def contrasts(census, most: int = WHOLE, clock=lambda: 0.0, **changes) -> Contrasts:
    plan = replace(PLAN, contrasted=most, hosts=HOSTS, contrast_seeds=SEEDS, **changes)
    return Contrasts(census, SPACE, plan, seed=4, slots=2, clock=clock)


def test_hosts_come_from_all_families_in_turn(census):
    """From three at least, the best of each first; never the control, never a failed one."""
    hosts = choose_hosts(RESIDUAL, census, SPACE, 6)
    assert len(hosts) == 6
    assert len({host.trial.family for host in hosts}) >= 3
    assert len({host.trial.family for host in hosts[:3]}) == 3
    assert CONTROL not in {host.trial.family for host in hosts}
    failed = replace(hosts[0].trial, outcomes=[replace(hosts[0].trial.outcomes[0], search_score=None)])
    rest = [failed if trial is hosts[0].trial else trial for trial in census]
    assert hosts[0].trial.slot not in {host.trial.slot for host in choose_hosts(RESIDUAL, rest, SPACE, 6)}


def test_hosts_come_from_different_blocks(census):
    """Whose networks share learning rate, width and gate; a second one of a block only where there are no others."""
    blocks = Counter(block_of(host.trial) for host in choose_hosts(USUAL_GATE, census, SPACE, 8))
    assert len(blocks) == 8
    twice = Counter(block_of(host.trial) for host in choose_hosts(USUAL_GATE, census, SPACE, 16))
    assert set(twice.values()) == {2}


def test_hosts_owe_nothing_to_the_component(census):
    """Those drawn with the option and those drawn with the reference are as many, give or take one."""
    for contrast in contrasts_of(SPACE):
        natives = Counter(contrast.native(host.trial.architecture) for host in choose_hosts(contrast, census, SPACE, 8))
        assert abs(natives[contrast.option] - natives[contrast.reference]) <= 1


def test_hosts_are_found_where_the_component_decides_everything(census):
    """All networks drawn with the option may be better than all drawn without it, as if one missed the other's turn."""
    scores = {"residual": 0.9, "plain": 0.5}
    drawn = [(trial, RESIDUAL.native(trial.architecture)) for trial in census if trial.family != CONTROL]
    apart = [
        replace(trial, outcomes=[replace(trial.outcomes[-1], search_score=scores[native])])
        for trial, native in drawn
        if native in scores
    ]
    natives = Counter(RESIDUAL.native(host.trial.architecture) for host in choose_hosts(RESIDUAL, apart, SPACE, 6))
    assert natives == {"residual": 3, "plain": 3}


def test_no_two_hosts_are_the_same_network(census):
    """Networks that differ in the component alone have both arms in common."""
    twin = replace(census[0], slot="convolution/99", candidate=replace(census[0].candidate))
    hosts = choose_hosts(RESIDUAL, [*census, twin], SPACE, 40)
    assert len({host.option.fingerprint for host in hosts}) == len(hosts)


def test_a_contrast_trains_both_arms_alike(census):
    """Three learning rates on one seed, then all seeds with the best; nobody has seen these seeds."""
    trials, order, end = run(contrasts(census))
    assert (end, len(trials)) == (Signal.DONE, WHOLE)
    assert {stop for _, _, stop in order} == {PLAN.horizon}
    own = {trial.slot: trial.candidate.recipe.learning_rate for trial in census}
    arms = {trial.slot.rpartition("/")[0] for trial in trials}
    assert len(arms) == 2 * HOSTS
    for arm in arms:
        of_arm = {t.slot.rpartition("/")[2]: t for t in trials if t.slot.rpartition("/")[0] == arm}
        host = "/".join(arm.split("/")[-2:])
        rates = [of_arm[f"rate {factor}"].candidate.recipe.learning_rate for factor in ("1", "0.5", "2")]
        assert rates == pytest.approx([own[host], own[host] / 2, 2 * own[host]])
        assert {of_arm[f"rate {factor}"].seed for factor in ("1", "0.5", "2")} == {4 * SEEDS_A_STUDY + CONTRAST_SEEDS}
        for number in (1, 2):
            paired = of_arm[f"seed {number}"]
            assert paired.seed == paired.division == 4 * SEEDS_A_STUDY + CONTRAST_SEEDS + number
            assert paired.candidate == of_arm["rate 1"].candidate  # all rates are as good


def test_the_best_rate_on_the_search_rows_is_kept(census):
    """Of each arm by itself."""
    phase, trials = contrasts(census), []
    run(phase, trials, most=3)
    for trial, score in zip(trials, (0.3, 0.6, 0.4), strict=True):
        trial.outcomes[-1] = replace(trial.outcomes[-1], search_score=score)
    run(phase, trials)
    arm = trials[0].slot.rpartition("/")[0]
    assert {t.candidate.recipe.learning_rate for t in trials if t.slot.startswith(f"{arm}/seed")} == {
        trials[1].candidate.recipe.learning_rate
    }


def test_an_arm_that_no_rate_can_train_is_not_trained_on(census):
    """Its host still counts: it has the worst score in every seed of the other arm."""
    phase, trials = contrasts(census), []
    run(phase, trials, most=3)
    for trial in trials:
        trial.outcomes[-1] = replace(trial.outcomes[-1], status=Status.DIVERGED, search_score=None, confirm_score=None)
    run(phase, trials)
    assert len(trials) == WHOLE - SEEDS
    (told,) = paired_scores(trials)
    assert told.scores.shape == (2, HOSTS, SEEDS)
    assert told.failed.sum() == SEEDS
    assert told.scores[told.failed].tolist() == [0.0] * SEEDS


def test_while_a_rate_is_open_other_arms_go_on(census):
    """At the very end somebody may have to wait for it."""
    phase, trials = contrasts(census), []
    run(phase, trials, most=1)
    trials[0].outcomes, trials[0].in_flight = [], True
    _, _, end = run(phase, trials)
    assert (end, len(trials)) == (Signal.WAIT, WHOLE - SEEDS)


def test_contrasts_wait_for_the_census(census):
    """Hosts are chosen from all of it."""
    last = replace(census[-1], outcomes=[], in_flight=True)
    assert contrasts([*census[:-1], last]).next([]) is Signal.WAIT


def test_a_contrast_begins_only_where_there_is_room_for_the_whole(census):
    """One training short of a contrast there is none, and none that comes later in its place."""
    assert run(contrasts(census, WHOLE - 1)) == ([], [], Signal.DONE)
    trials, _, _ = run(contrasts(census, 3 * WHOLE - 1))
    components = Counter(trial.slot.partition("/")[0] for trial in trials)
    assert components == {"connection": WHOLE, "gate": WHOLE}


def test_arms_with_the_reference_are_trained_once(census):
    """Of all options of a component, in hosts that they share."""
    trials, _, _ = run(contrasts(census, 10_000))
    slots = [trial.slot for trial in trials]
    assert len(slots) == len(set(slots))
    labels = {slot.split("/")[1] for slot in slots if slot.startswith("connection/")}
    assert labels == {"plain", "residual vs plain", "dense vs plain", "highway vs plain", "rezero vs plain"}


def test_a_contrast_begins_only_in_time(census):
    """Sixty trainings of a second on two workers take half a minute."""
    assert run(contrasts(census, 10_000, clock=lambda: 71.0, contrasts_ends=100.0))[0] == []
    trials: list[Trial] = []
    _, _, end = run(contrasts(census, 10_000, clock=lambda: 69.0 + len(trials) / 2, contrasts_ends=100.0), trials)
    assert (end, len(trials)) == (Signal.DONE, WHOLE)


def test_contrasts_give_way_where_they_take_far_too_long(census):
    """They never reach into what comes after the search; hosts that are done count."""
    phase = contrasts(census, clock=lambda: 0.0)
    trials, _, _ = run(phase, most=33)
    late = contrasts(census, clock=lambda: 201.0, contrasts_ends=100.0, adaptive_ends=200.0)
    assert late.next(trials) is Signal.DONE
    (told,) = paired_scores(trials)
    assert told.scores.shape == (2, 3, SEEDS)


def test_resumed_contrasts_go_on_where_they_stood(census):
    """A phase made anew wants what the first would have wanted."""
    whole = run(contrasts(census))[0]
    half = run(contrasts(census), most=25)[0]
    again = run(contrasts(census), half)[0]
    assert [(t.slot, t.candidate, t.seed) for t in again] == [(t.slot, t.candidate, t.seed) for t in whole]


def test_room_that_contrasts_did_not_take_is_the_searchs(census):
    """So a study has exactly the trials that were asked for; how many that is, is known when the last has begun."""
    phase = contrasts(census, WHOLE + 5)
    trials = run(phase, most=WHOLE)[0]
    assert (len(trials), phase.room_left()) == (WHOLE, None)
    for asked in (phase, contrasts(census, WHOLE + 5)):  # that of a study that was resumed, too
        assert asked.next(trials) is Signal.DONE
        assert asked.room_left() == 5
    assert contrasts(census, WHOLE + 5, confirmation_ends=100.0).room_left() == 0


def test_the_verdict_reads_the_confirm_rows_of_paired_seeds(census):
    """The option's arms first; neither the search rows nor the tuning count."""
    trials = run(contrasts(census))[0]
    for trial in trials:
        with_option = trial.slot.startswith("connection/residual")
        score = (0.8 if with_option else 0.6) if "/seed" in trial.slot else 0.1
        trial.outcomes[-1] = replace(trial.outcomes[-1], search_score=0.2, confirm_score=score)
    (told,) = paired_scores([*census, *trials])
    assert (told.component, told.option, told.reference) == ("connection", "residual", "plain")
    assert (told.scores[0] == 0.8).all()
    assert (told.scores[1] == 0.6).all()
    assert not told.failed.any()
    blocks = {trial.slot: sum(stage.blocks for stage in trial.architecture.stages) for trial in census}
    hosts = dict.fromkeys(trial.slot.split("/", 2)[2].rpartition("/")[0] for trial in trials)
    assert told.depths.tolist() == [blocks[host] for host in hosts]


def test_nothing_is_told_of_what_was_not_trained(census):
    """No contrast, or one that was interrupted in its first host."""
    assert paired_scores(census) == []
    assert paired_scores(run(contrasts(census), most=10)[0]) == []
