"""The engine contract, over every engine."""

import os
import signal
import threading
import time
from collections import Counter
from dataclasses import replace

import psutil
import pytest

from spaces import LANDMARKS, landmark
from workers.checkpoint import Checkpoints
from workers.engine import Engine, Signal, Source
from workers.inline_engine import InlineEngine
from workers.outcome import Outcome, Status
from workers.recipe import Recipe
from workers.tune_engine import TuneEngine
from workers.unit_checkpoint import NotKept
from workers.work_unit import WorkUnit
from workers.worker import Worker

pytestmark = pytest.mark.xdist_group("ray")


STOPS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(scope="module", params=[InlineEngine, lambda: TuneEngine(workers=2)], ids=["inline", "tune"])
def engine(request):
    """In a program that handles both signals that stop it alike, as ours does."""
    before = [signal.signal(number, signal.default_int_handler) for number in STOPS]
    with request.param() as running:
        yield running
    for number, handler in zip(STOPS, before, strict=True):
        signal.signal(number, handler)


def unit(trial: int, **changes) -> WorkUnit:
    architecture = landmark(LANDMARKS[trial % len(LANDMARKS)])
    return replace(WorkUnit(trial, architecture, Recipe(), 0, trial, 0, 4, 4), **changes)


class Listed(Source):
    """Proposes rounds of units; a round starts once the one before is done."""

    def __init__(self, *rounds: list[WorkUnit]) -> None:
        self.rounds = [list(units) for units in rounds]
        self.in_flight = 0
        self.most_in_flight = 0
        self.outcomes = {}
        self.absorbed = Counter()
        self.thread = threading.get_ident()

    def propose(self):
        assert threading.get_ident() == self.thread, "a source is called from one thread"
        while self.rounds and not self.rounds[0]:
            if self.in_flight:
                return Signal.WAIT
            self.rounds.pop(0)
        if not self.rounds:
            return Signal.DONE
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        return self.rounds[0].pop(0)

    def absorb(self, outcome):
        self.in_flight -= 1
        self.absorbed[outcome.trial, outcome.start] += 1
        self.outcomes[outcome.trial] = outcome


SOUND = range(6)
INTERRUPTED, TAKEN_UP, DIVERGING, TOO_SLOW = 6, 7, 8, 9
MARK = 99.0
"""A loss that no training has."""


def whole(trial: int) -> WorkUnit:
    """What a sound trial would have been in one piece."""
    return unit(trial, stop=30, horizon=30) if trial == TAKEN_UP else unit(trial)


@pytest.fixture(scope="module")
def checkpoints(engine: Engine, tmp_path_factory, blobs) -> Checkpoints:
    """For each engine, with a state in it that a lost worker left on the way, and a mark in its curve."""
    made = Checkpoints(tmp_path_factory.mktemp("checkpoints"))
    taken_up = whole(TAKEN_UP)
    Worker(blobs, made, "here").run(replace(taken_up, stop=12, keeps_checkpoint=True))
    state = made.load(TAKEN_UP, 12)
    state["curve"][0][1] = MARK
    made.save(TAKEN_UP, taken_up.stop, state)
    made.remove(TAKEN_UP, 12)
    return made


@pytest.fixture(scope="module")
def source(engine: Engine, blobs, checkpoints) -> Listed:
    """Rounds with waiting between them, run to the end: sound units, halves of one, and two that fail."""
    first = [unit(0), unit(1), unit(INTERRUPTED, stop=2, keeps_checkpoint=True)]
    failing = [
        unit(DIVERGING, recipe=Recipe(learning_rate=1e30), stop=30, horizon=30),
        unit(TOO_SLOW, limit_seconds=0.0),
    ]
    second = [unit(INTERRUPTED, start=2), failing[0], unit(2), failing[1], unit(3)]
    listed = Listed(first, second, [whole(TAKEN_UP)], [unit(4), unit(5)])
    engine.run(listed, blobs, checkpoints)
    return listed


@pytest.fixture(scope="module")
def expected(blobs, tmp_path_factory) -> dict[int, Outcome]:
    """Outcomes of the sound trials where each is trained in one piece, here."""
    listed = Listed([whole(trial) for trial in (*SOUND, INTERRUPTED, TAKEN_UP)])
    with InlineEngine() as reference:
        reference.run(listed, blobs, Checkpoints(tmp_path_factory.mktemp("reference")))
    return listed.outcomes


def test_every_unit_has_one_outcome(engine: Engine, source: Listed):
    """Over several rounds with waiting between them, each unit is trained once and absorbed once."""
    units = {(trial, 0) for trial in (*SOUND, INTERRUPTED, TAKEN_UP, DIVERGING, TOO_SLOW)} | {(INTERRUPTED, 2)}
    assert source.absorbed == Counter(units)
    assert source.most_in_flight <= engine.slots


def test_signals_stay_the_programs(engine: Engine, source: Listed):
    """An engine, Ray above all, handles neither Ctrl-C nor a kill in the program's place."""
    assert [signal.getsignal(number) for number in STOPS] == [signal.default_int_handler] * 2


@pytest.mark.parametrize("trial", SOUND)
def test_engines_agree(source: Listed, expected, trial: int):
    """The same unit has the same scores and curve on every engine."""
    outcome = source.outcomes[trial]
    assert outcome.status is Status.TRAINED
    assert outcome.curve == expected[trial].curve
    assert outcome.confirm_score == expected[trial].confirm_score


def test_training_goes_on_from_a_checkpoint(source: Listed, expected):
    """A second segment, perhaps on another worker, ends where one training would have."""
    assert source.outcomes[INTERRUPTED].confirm_score == expected[INTERRUPTED].confirm_score


def test_a_unit_goes_on_from_a_state_on_the_way(source: Listed, expected, checkpoints):
    """Where a lost worker left one, another takes it up, its part of the curve included, and leaves nothing behind."""
    first, *others = source.outcomes[TAKEN_UP].curve
    reference = expected[TAKEN_UP]
    assert first == replace(reference.curve[0], train_loss=MARK)
    assert tuple(others) == reference.curve[1:]
    assert source.outcomes[TAKEN_UP].confirm_score == reference.confirm_score
    assert checkpoints.steps(TAKEN_UP) == []


def test_a_failure_disturbs_nobody(source: Listed):
    """A unit that diverges and one that takes too long fail; the others train."""
    statuses = {trial: outcome.status for trial, outcome in source.outcomes.items()}
    assert statuses.pop(DIVERGING) is Status.DIVERGED
    assert statuses.pop(TOO_SLOW) is Status.TIMED_OUT
    assert set(statuses.values()) == {Status.TRAINED}


class Broken(Listed):
    """A source whose storage fails in the middle."""

    def absorb(self, outcome):
        super().absorb(outcome)
        raise OSError("the database is gone")


def test_an_error_of_the_source_reaches_the_caller(engine: Engine, blobs, tmp_path):
    """What absorb raises ends the run with that very error."""
    with pytest.raises(OSError, match="the database is gone"):
        engine.run(Broken([unit(trial) for trial in range(4)]), blobs, Checkpoints(tmp_path))


@pytest.mark.parametrize("trials", [1, 4])
def test_a_state_that_cannot_be_kept_ends_the_run(engine: Engine, blobs, tmp_path, trials):
    """The caller learns of it, also where every worker fails so or none is left beside the one that does."""
    folder = tmp_path / "checkpoints"
    folder.symlink_to(tmp_path / "not mounted")
    source = Listed([unit(trial, keeps_checkpoint=True) for trial in range(trials)])
    with pytest.raises(NotKept, match="cannot be kept in"):
        engine.run(source, blobs, Checkpoints(folder))
    assert not source.outcomes


def trainable_processes() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if "Trainable" in "".join(p.cmdline()[:1])]


def test_a_killed_worker_costs_no_result(engine: Engine, blobs, tmp_path):
    """After kill -9 of a worker process in mid-unit the unit is run again and has one outcome, the right one."""
    if isinstance(engine, InlineEngine):
        pytest.skip("the inline engine has no worker process to kill")
    long = unit(0, stop=4000, horizon=4000)
    source = Listed([long, unit(1), unit(2)])
    killed = []

    def kill_one():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not killed:
            time.sleep(0.2)
            if source.outcomes.keys() == {1, 2}:
                # both short units are done, so the one process at work trains the long one
                busiest = max(trainable_processes(), key=lambda process: process.cpu_percent(interval=0.2))
                os.kill(busiest.pid, 9)
                killed.append(busiest.pid)

    killer = threading.Thread(target=kill_one)
    killer.start()
    engine.run(source, blobs, Checkpoints(tmp_path))
    killer.join()
    assert killed, "the long unit ended before it could be killed: make it longer"
    assert source.absorbed == Counter({(0, 0): 1, (1, 0): 1, (2, 0): 1})
    assert source.outcomes[0].status is Status.TRAINED
