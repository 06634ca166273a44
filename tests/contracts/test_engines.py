"""The engine contract, over every engine."""

import os
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
from workers.outcome import Status
from workers.recipe import Recipe
from workers.tune_engine import TuneEngine
from workers.work_unit import WorkUnit
from workers.worker import Worker

pytestmark = pytest.mark.xdist_group("ray")


@pytest.fixture(scope="module", params=[InlineEngine, lambda: TuneEngine(workers=2)], ids=["inline", "tune"])
def engine(request):
    with request.param() as running:
        yield running


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


def test_every_unit_has_one_outcome(engine: Engine, blobs, tmp_path):
    """Over several rounds with waiting between them, each unit is trained once and absorbed once."""
    source = Listed([unit(0), unit(1), unit(2)], [unit(3)], [unit(4), unit(5)])
    engine.run(source, blobs, Checkpoints(tmp_path))
    assert source.absorbed == Counter({(trial, 0): 1 for trial in range(6)})
    assert all(outcome.status is Status.TRAINED for outcome in source.outcomes.values())
    assert source.most_in_flight <= engine.slots


def test_engines_agree(engine: Engine, blobs, tmp_path):
    """The same unit has the same scores and curve on every engine."""
    with InlineEngine() as reference:
        expected = Listed([unit(trial) for trial in range(6)])
        reference.run(expected, blobs, Checkpoints(tmp_path / "reference"))
    source = Listed([unit(trial) for trial in range(6)])
    engine.run(source, blobs, Checkpoints(tmp_path))
    for trial, outcome in source.outcomes.items():
        assert outcome.curve == expected.outcomes[trial].curve
        assert outcome.confirm_score == expected.outcomes[trial].confirm_score


def test_training_goes_on_from_a_checkpoint(engine: Engine, blobs, tmp_path):
    """A second segment, perhaps on another worker, ends where one training would have."""
    source = Listed([unit(0, stop=2, keeps_checkpoint=True), unit(1)], [unit(0, start=2)])
    engine.run(source, blobs, Checkpoints(tmp_path))
    whole = Listed([unit(0)])
    engine.run(whole, blobs, Checkpoints(tmp_path / "whole"))
    assert source.outcomes[0].confirm_score == whole.outcomes[0].confirm_score


def test_a_unit_goes_on_from_a_state_on_the_way(engine: Engine, blobs, tmp_path):
    """Where a lost worker left one, another takes it up, its part of the curve included, and leaves nothing behind."""
    checkpoints, whole = Checkpoints(tmp_path), unit(0, stop=30, horizon=30)
    reference = Worker(blobs, checkpoints, "here").run(whole)
    Worker(blobs, checkpoints, "here").run(replace(whole, stop=12, keeps_checkpoint=True))
    state = checkpoints.load(0, 12)
    state["curve"][0][1] = 99.0  # a mark: a loss that no training has
    checkpoints.save(0, whole.stop, state)
    checkpoints.remove(0, 12)
    source = Listed([whole])
    engine.run(source, blobs, checkpoints)
    first, *others = source.outcomes[0].curve
    assert first == replace(reference.curve[0], train_loss=99.0)
    assert tuple(others) == reference.curve[1:]
    assert source.outcomes[0].confirm_score == reference.confirm_score
    assert checkpoints.steps(0) == []


def test_a_failure_disturbs_nobody(engine: Engine, blobs, tmp_path):
    """A unit that diverges and one that takes too long fail; the others train."""
    diverging = unit(0, recipe=Recipe(learning_rate=1e30), stop=30, horizon=30)
    source = Listed([diverging, unit(1), unit(2, limit_seconds=0.0), unit(3)])
    engine.run(source, blobs, Checkpoints(tmp_path))
    statuses = {trial: outcome.status for trial, outcome in source.outcomes.items()}
    assert statuses == {0: Status.DIVERGED, 1: Status.TRAINED, 2: Status.TIMED_OUT, 3: Status.TRAINED}


class Broken(Listed):
    """A source whose storage fails in the middle."""

    def absorb(self, outcome):
        super().absorb(outcome)
        raise OSError("the database is gone")


def test_an_error_of_the_source_reaches_the_caller(engine: Engine, blobs, tmp_path):
    """What absorb raises ends the run with that very error."""
    with pytest.raises(OSError, match="the database is gone"):
        engine.run(Broken([unit(trial) for trial in range(4)]), blobs, Checkpoints(tmp_path))


def trainable_processes() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if "Trainable" in "".join(p.cmdline()[:1])]


def test_a_killed_worker_costs_no_result(engine: Engine, blobs, tmp_path):
    """After kill -9 of a worker process in mid-unit the unit is run again and has one outcome, the right one."""
    if isinstance(engine, InlineEngine):
        pytest.skip("the inline engine has no worker process to kill")
    long = unit(0, stop=8000, horizon=8000)
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
