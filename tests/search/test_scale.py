"""A study on more workers than this machine has; `make driver-scale` does the same with thousands."""

from __future__ import annotations

import pytest

from search.event_log import EventLog
from search.study import Study
from search.trial import TrialState
from tests.search.simulated_engine import SimulatedEngine


@pytest.mark.parametrize(("workers", "trials"), [(20, 60), (60, 400)])
def test_one_driver_keeps_many_workers_busy(home, workers: int, trials: int):
    """They train, or the phases wait for what they train; all they did is recorded, each trial's end once."""
    study = Study.create("iris", trials=trials, epochs=200, name="many")
    engine = SimulatedEngine(workers, lambda unit: 60.0 + unit.trial % 60)
    log = next(observer for observer in study.observers() if isinstance(observer, EventLog))
    study.run(engine, [log])

    activity, whole = engine.activity, engine.seconds()
    assert len(activity.units) >= trials
    assert most_at_once(activity.units) == workers
    busy, waiting = activity.busy_seconds(0, whole), activity.waiting_seconds(0, whole)
    assert busy >= 0.95 * (workers * whole - waiting)

    recorded = study._trial_store.load()
    assert len(recorded) == trials
    assert TrialState.RUNNING not in {trial.state for trial in recorded}
    assert log._store.trials("many") == set(range(trials))
    assert ("contrasts" in {trial.phase for trial in recorded}) == (trials == 400)


def most_at_once(units: list[tuple[float, float]]) -> int:
    """How many were trained at the same time."""
    ends = sorted([(begins, 1) for begins, _ in units] + [(stop, -1) for _, stop in units])
    at_once = most = 0
    for _, change in ends:
        at_once += change
        most = max(most, at_once)
    return most
