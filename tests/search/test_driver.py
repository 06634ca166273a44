"""The driver: phases in order, overlapping where they may, and everything recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import optuna
import pytest

from search.driver import Driver
from search.phases import Phase
from search.phases.fixed import FixedPhase
from search.storage.trials import TrialStore
from search.trial import Trial, TrialState
from tests.search.made import SPACE, made_trial
from workers.engine import Signal
from workers.outcome import Outcome, Status
from workers.work_unit import WorkUnit


@pytest.fixture
def store() -> TrialStore:
    """Optuna's own storage, in memory."""
    return TrialStore(optuna.storages.InMemoryStorage(), "study", SPACE)


def phase(name: str, count: int, lets_next_start: bool = False) -> Phase:
    """A phase of so many trials."""
    wanted = [replace(made_trial(n, phase=name, slot=str(n)), number=-1) for n in range(count)]
    made = FixedPhase(wanted)
    made.name, made.lets_next_start = name, lets_next_start
    return made


def driver(store: TrialStore, phases: list[Phase], trials: list[Trial] | None = None) -> Driver:
    known = [] if trials is None else trials
    return Driver(iter(phases), known, store, [], lambda slowest: 60.0 + slowest, lambda: None, lambda: 12.5)


def proposals(source: Driver) -> Iterator[WorkUnit]:
    """Units until the source waits or is done."""
    while isinstance(unit := source.propose(), WorkUnit):
        yield unit


def end(source: Driver, unit: WorkUnit) -> None:
    source.absorb(Outcome(unit.trial, unit.start, unit.stop, Status.TRAINED, "", 0.5, 0.5))


def test_the_next_phase_starts_while_the_last_trainings_run(store: TrialStore):
    """A phase that lets it is followed at once; what comes after one that does not waits for everything before."""
    trials: list[Trial] = []
    source = driver(store, [phase("a", 2, True), phase("b", 1), phase("c", 1)], trials)
    units = list(proposals(source))
    assert [trial.phase for trial in trials] == ["a", "a", "b"]
    assert source.propose() is Signal.WAIT
    for unit in units[1:]:
        end(source, unit)
    assert source.propose() is Signal.WAIT, "a training of the first phase is still at work"
    end(source, units[0])
    (last,) = proposals(source)
    assert trials[last.trial].phase == "c"
    assert source.propose() is Signal.WAIT
    end(source, last)
    assert source.propose() is Signal.DONE
    assert {trial.state for trial in store.load()} == {TrialState.COMPLETE}


def test_what_was_interrupted_in_an_overlapped_phase_runs_again(store: TrialStore):
    """Killed while two phases were at work, a study trains the first's interrupted trial and goes on in the second."""
    first = driver(store, [phase("a", 3, True), phase("b", 2)])
    units = [first.propose() for _ in range(4)]
    end(first, units[0])
    end(first, units[2])

    trials = store.load()
    resumed = driver(store, [phase("a", 5, True), phase("b", 2)], trials)
    again = list(proposals(resumed))
    assert [(trials[unit.trial].phase, trials[unit.trial].slot) for unit in again] == [
        ("a", "1"),
        ("b", "0"),
        ("b", "1"),
    ]
    for unit in again:
        end(resumed, unit)
    assert resumed.propose() is Signal.DONE
    recorded = store.load()
    assert [(trial.phase, trial.slot, len(trial.outcomes)) for trial in recorded] == [
        *(("a", str(n), 1) for n in range(3)),
        *(("b", str(n), 1) for n in range(2)),
    ]
    assert {outcome.ended for trial in recorded for outcome in trial.outcomes} == {12.5}, "by the study's clock"


@pytest.mark.parametrize("ended", [False, True])
def test_what_was_interrupted_comes_first_and_goes_as_far_as_it_was_to_go(store: TrialStore, ended: bool):
    """A promotion too, in a phase that goes on as in one that had ended; what paused does not."""
    made = [({90: 0.5}, 90), ({10: 0.5}, 90), ({10: 0.4}, 10), ({}, 30)]
    known = [made_trial(n, phase="a", slot=str(n), scores=scores, stop=stop) for n, (scores, stop) in enumerate(made)]
    if ended:
        known.append(made_trial(4, phase="b", slot="0", scores={90: 0.5}, stop=90))
    for trial in known:
        store.create(trial)
    units = proposals(driver(store, [phase("a", 6, True), phase("b", 2)], known))
    begun = [(known[unit.trial].phase, known[unit.trial].slot, unit.start, unit.stop) for unit in units]
    new = [("a", "4", 0, 90), ("a", "5", 0, 90), ("b", "0", 0, 90)]
    assert begun == [("a", "1", 10, 90), ("a", "3", 0, 30), *([] if ended else new), ("b", "1", 0, 90)]


class Waiting(FixedPhase):
    """Its trials begin when nothing of phase `a` is in training any more; phase `c` may overtake it."""

    overtaken_by = frozenset({"c"})

    def __init__(self, trials: list[Trial], wanted: list[Trial]) -> None:
        super().__init__(wanted)
        self._before = trials

    def next(self, trials):
        waits = any(trial.in_flight for trial in self._before if trial.phase == "a")
        return Signal.WAIT if waits else super().next(trials)


def overtaken(trials: list[Trial]) -> list[Phase]:
    """Four phases, of which `b` waits for `a`, `c` may overtake it, and `d` may not."""
    waiting = Waiting(trials, phase("b", 2).wanted)
    waiting.name, waiting.lets_next_start = "b", True
    return [phase("a", 1, True), waiting, phase("c", 2, True), phase("d", 1)]


def test_a_phase_that_waits_is_overtaken_and_then_comes_first(store: TrialStore):
    """By the next alone; what needs it waits, whatever has ended behind it."""
    trials: list[Trial] = []
    source = driver(store, overtaken(trials), trials)
    first, _ = source.propose(), source.propose()
    assert [trial.phase for trial in trials] == ["a", "c"]
    end(source, first)
    units = list(proposals(source))
    assert [trials[unit.trial].phase for unit in units] == ["b", "b", "c", "d"]

    trials.clear()
    store = TrialStore(optuna.storages.InMemoryStorage(), "other", SPACE)
    source = driver(store, overtaken(trials), trials)
    first, *others = proposals(source)
    for unit in others:
        end(source, unit)
    assert [trial.phase for trial in trials] == ["a", "c", "c"]
    assert source.propose() is Signal.WAIT
    end(source, first)
    assert [trials[unit.trial].phase for unit in proposals(source)] == ["b", "b", "d"]


def test_a_phase_that_was_overtaken_goes_on_when_a_study_resumes(store: TrialStore):
    """Its last trial is of the phase behind, and yet it had not ended."""
    trials: list[Trial] = []
    source = driver(store, overtaken(trials), trials)
    source.propose()
    end(source, source.propose())
    known = store.load()
    assert [trial.phase for trial in known] == ["a", "c"]
    resumed = driver(store, overtaken(known), known)
    assert [known[unit.trial].phase for unit in proposals(resumed)] == ["a", "c"]
    resumed.absorb(Outcome(0, 0, 90, Status.TRAINED, "", 0.5, 0.5))
    assert [known[unit.trial].phase for unit in proposals(resumed)] == ["b", "b", "d"]


def test_a_training_may_take_longer_where_others_did(store: TrialStore):
    """The limit follows from the slowest so far, those of an earlier run and of this one."""
    known = [made_trial(0, phase="a", slot="0", scores={90: 0.5}, stop=90, seconds=5.0)]
    store.create(known[0])
    source = driver(store, [phase("a", 3)], known)
    unit = source.propose()
    assert unit.limit_seconds == 65.0
    source.absorb(Outcome(unit.trial, 0, 90, Status.TRAINED, "", 0.5, 0.5, seconds=7.0))
    assert source.propose().limit_seconds == 67.0


def test_how_far_a_segment_was_to_go_is_recorded_before_it_goes(store: TrialStore):
    """So that after kill -9 a paused trial is told from one that was at work."""
    half = phase("a", 1)
    half.segment = lambda trial: replace(FixedPhase.segment(half, trial), stop=30)
    source = driver(store, [half])
    source.propose()
    assert [(trial.stop, trial.was_interrupted) for trial in store.load()] == [(30, True)]
    source.absorb(Outcome(0, 0, 30, Status.TRAINED, "", 0.5, 0.5))
    assert [(trial.stop, trial.was_interrupted) for trial in store.load()] == [(30, False)]


def test_trials_that_a_phase_left_half_way_are_pruned(store: TrialStore):
    """When a phase is over, a trial that was never promoted says so."""
    trials: list[Trial] = []
    half = phase("a", 1)
    half.segment = lambda trial: replace(FixedPhase.segment(half, trial), stop=30)
    source = driver(store, [half, phase("b", 1)], trials)
    end(source, source.propose())
    end(source, source.propose())
    assert source.propose() is Signal.DONE
    assert [trial.state for trial in store.load()] == [TrialState.PRUNED, TrialState.COMPLETE]
