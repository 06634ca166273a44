from dataclasses import replace

import pytest

from spaces import landmark
from spaces.cost import flops
from spaces.operations import OPERATIONS
from spaces.operations.dense import Dense
from workers.checkpoint import Checkpoints
from workers.outcome import Outcome, Status
from workers.recipe import Recipe
from workers.work_unit import WorkUnit
from workers.worker import Worker

UNIT = WorkUnit(
    trial=0, architecture=landmark("deep_fnn"), recipe=Recipe(), division=0, seed=1, start=0, stop=20, horizon=20
)


@pytest.fixture
def worker(blobs, tmp_path) -> Worker:
    return Worker(blobs, Checkpoints(tmp_path / "checkpoints"), node="here")


def without_time(outcome: Outcome) -> Outcome:
    return replace(outcome, seconds=0.0, step_seconds=0.0)


def test_a_trained_unit_is_scored_on_search_and_confirm_rows(worker):
    """Scores, curve, cost and place are in the outcome; the sealed test stays sealed."""
    outcome = worker.run(UNIT)
    assert outcome.status is Status.TRAINED
    assert outcome.search_score == outcome.curve[-1].search_score
    assert 0 <= outcome.confirm_score <= 1
    assert outcome.test_score is None
    assert outcome.curve[-1].step == 20
    assert outcome.parameters > 0
    assert outcome.seconds > 0
    assert outcome.node == "here"


def test_the_test_is_opened_on_request_alone(worker):
    """A unit of the confirmation scores the test rows."""
    assert worker.run(replace(UNIT, opens_test=True)).test_score is not None


def test_latency_is_measured_on_request_alone(worker):
    """And changes nothing else that the outcome tells."""
    plain, timed = worker.run(UNIT), worker.run(replace(UNIT, measures_latency=True))
    assert plain.latency_seconds is None
    assert 0 < timed.latency_seconds < timed.seconds
    assert without_time(replace(timed, latency_seconds=None)) == without_time(plain)


def test_two_segments_are_one_training(worker, blobs):
    """From a checkpoint at a rung, the rest ends in the same scores as training in one go; the first tells the cost."""
    whole = worker.run(UNIT)
    worker.run(replace(UNIT, stop=7, keeps_checkpoint=True))
    rest = worker.run(replace(UNIT, start=7))
    assert (rest.search_score, rest.confirm_score) == (whole.search_score, whole.confirm_score)
    assert (whole.flops, rest.flops) == (flops(UNIT.architecture, blobs.task), None)


def test_a_lost_checkpoint_costs_no_result(worker):
    """Where the checkpoint is gone the training begins anew, and the segment has the same scores and curve."""
    worker.run(replace(UNIT, stop=7, keeps_checkpoint=True))
    found, lost = (worker.run(replace(UNIT, trial=trial, start=7)) for trial in (UNIT.trial, 5))
    assert (lost.search_score, lost.confirm_score, lost.curve) == (found.search_score, found.confirm_score, found.curve)
    assert [point.step for point in lost.curve] == list(range(8, 21, 2))


def test_units_do_not_disturb_each_other(worker):
    """What a worker ran before changes nothing, neither a success nor a failure."""
    fresh = without_time(worker.run(UNIT))
    worker.run(replace(UNIT, architecture=landmark("lstm"), seed=9))
    worker.run(replace(UNIT, recipe=Recipe(learning_rate=1e30)))
    assert without_time(worker.run(UNIT)) == fresh


@pytest.fixture
def failing_operation(monkeypatch):
    """Lets the dense operation raise whatever a test wants."""

    def fail_with(error: Exception) -> None:
        def build(self, grid, picks):
            raise error

        monkeypatch.setattr(Dense, "build", build)

    assert OPERATIONS["dense"] is Dense
    return fail_with


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MemoryError("no room"), Status.OUT_OF_MEMORY),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), Status.OUT_OF_MEMORY),
        (ZeroDivisionError("an operation of yours"), Status.CRASHED),
    ],
)
def test_an_exception_is_an_outcome(worker, failing_operation, error: Exception, status: Status):
    """Lack of memory and a crash in an operation are told apart, with the reason; the worker lives on."""
    failing_operation(error)
    outcome = worker.run(UNIT)
    assert outcome.status is status
    assert outcome.failed
    assert str(error) in outcome.reason
    assert outcome.search_score is None


def test_a_crash_comes_with_its_traceback(worker, failing_operation):
    """Whoever wrote the operation sees where it broke."""
    failing_operation(ZeroDivisionError("an operation of yours"))
    assert "Traceback" in worker.run(UNIT).reason


def test_divergence_and_time_limit_are_outcomes(worker):
    """Both are named and give their reason."""
    diverged = worker.run(replace(UNIT, recipe=Recipe(learning_rate=1e30)))
    assert (diverged.status, diverged.failed) == (Status.DIVERGED, True)
    assert diverged.parameters > 0  # it was built, and counts with its size
    late = worker.run(replace(UNIT, limit_seconds=0.0))
    assert late.status is Status.TIMED_OUT
    assert "still training after 0 s" in late.reason


def test_units_and_outcomes_survive_json(worker):
    """What crosses a process border comes back equal."""
    import json

    assert WorkUnit.from_json(json.loads(json.dumps(UNIT.to_json()))) == UNIT
    outcome = worker.run(UNIT)
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


def test_a_seed_may_be_as_large_as_a_study_may_have(worker, blobs):
    """What is drawn for augmentation follows from it without leaving the range of a generator."""
    large = replace(UNIT, seed=10**9 * 100_000, recipe=Recipe(augmentation="shift"))
    assert worker.run(large).status is Status.TRAINED
