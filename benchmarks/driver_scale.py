"""How many workers one driver keeps busy: `make driver-scale` (a quarter of an hour).

A study of digits through the real driver, sampler, storage and MLflow writer, on workers that train nothing. A training
takes 60 ± 30 s on a clock that leaves out the time in which this process has nothing to do, so what the driver takes
counts as it would on a cluster. Ray's own share is not in it.
Run from the root of the repository: python -m benchmarks.driver_scale [WORKERS ...] [--trials N] [--storage URL]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import psutil

from search import Study
from search.event_log import EventLog
from search.observer import Observer
from search.storage.writer import Writer
from search.tracking.mlflow_tracker import MlflowTracker
from search.trial import Trial
from tests.search.simulated_engine import SimulatedEngine
from workers.work_unit import WorkUnit

WORKERS, TRIALS = (1000,), 10_000
MEAN_SECONDS, DEVIATION_SECONDS = 60.0, 30.0
ROWS = 10


def main() -> None:
    """Prints the rows of each number of workers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workers", type=int, nargs="*")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--storage")
    asked = parser.parse_args()
    print(
        "| workers | trials ended | clock | busy | phases wait | driver in arrears | a proposal | an outcome |", end=""
    )
    print(" record, a trial | MLflow, a trial | CPU, a trial | not in MLflow yet | memory |\n" + "|---" * 13 + "|")
    for workers in asked.workers or WORKERS:
        with tempfile.TemporaryDirectory(prefix="penchant-scale-") as home:
            os.environ["PENCHANT_HOME"] = home
            run(workers, asked.trials, asked.storage)


def run(workers: int, trials: int, storage: str | None) -> None:
    """One study."""
    study = Study.create("digits", trials=trials, epochs=20, storage=storage, name=f"scale{workers}")
    observers = study.observers()
    (log,) = (observer for observer in observers if isinstance(observer, EventLog))
    (tracker,) = (observer for observer in observers if isinstance(observer, MlflowTracker))
    tracker._study = replace(tracker._study, models=None)  # nobody has weights
    engine = SimulatedEngine(workers, seconds_of, lambda: writes(log._writer, tracker))
    rows = Rows(engine, trials // ROWS, log._writer, tracker)
    study.run(engine, [log, tracker, rows])
    rows.print_all()


def seconds_of(unit: WorkUnit) -> float:
    """How long a unit takes, a segment of a training too: gamma distributed, so a few take three times the mean."""
    shape = (MEAN_SECONDS / DEVIATION_SECONDS) ** 2
    return float(np.random.default_rng([unit.trial, unit.start]).gamma(shape, MEAN_SECONDS / shape))


def writes(writer: Writer, tracker: MlflowTracker) -> bool:
    """Whether the record, or MLflow's, is being written."""
    recording = bool(writer._waiting) and not writer._waiting[-1].done()
    return recording or len(tracker._ended) > len(tracker._written)


class Rows(Observer):
    """Prints a row for every so many trials, of these alone.

    Args:
        engine: on whose clock.
        trials: a row.
        writer: of the record, and
        tracker: of MLflow's, whose threads are watched.
    """

    def __init__(self, engine: SimulatedEngine, trials: int, writer: Writer, tracker: MlflowTracker) -> None:
        self._engine = engine
        self._trials = trials
        self._tracker = tracker
        self._ended = self._last_ended = 0
        self._began = self._searched = 0.0
        self._cpu = time.process_time()
        self._told = [0, 0]  # proposals and outcomes
        self._recorded, self._tracked = watched(writer, "_attempt"), watched(tracker, "_write_trial")

    def phase_starts(self, phase: str, expected: int | None) -> None:
        """See `Observer`."""
        if phase == "shortlist":
            self._searched = self._engine.seconds()

    def trial_ends(self, trial: Trial) -> None:
        """See `Observer`."""
        self._ended += 1
        if self._ended % self._trials == 0:
            self._print()

    def _print(self) -> None:
        activity, now, count = self._engine.activity, self._engine.seconds(), self._ended - self._last_ended
        cells = [f"{self._engine.slots}", f"{self._ended}", f"{now:.0f} s", *self._shares(self._began, now)]
        own = [activity.proposing[self._told[0] :], activity.absorbing[self._told[1] :]]
        cells += [f"{1000 * np.mean(seconds):.1f} ms" if seconds else "" for seconds in own]
        cells += [f"{1000 * sum(seconds) / count:.1f} ms" for seconds in (self._recorded, self._tracked)]
        cells += [f"{1000 * (time.process_time() - self._cpu) / count:.0f} ms"]
        cells += [str(len(self._tracker._ended) - len(self._tracker._written))]
        cells += [f"{psutil.Process().memory_info().rss / 1e6:.0f} MB"]
        print(f"| {' | '.join(cells)} |", flush=True)
        self._began, self._last_ended, self._cpu = now, self._ended, time.process_time()
        self._told = [len(activity.proposing), len(activity.absorbing)]
        self._recorded.clear()
        self._tracked.clear()

    def _shares(self, began: float, ended: float) -> list[str]:
        """Of the workers' time: with something in training, without anything that might have been, and the rest."""
        activity, capacity = self._engine.activity, self._engine.slots * (ended - began)
        busy = activity.busy_seconds(began, ended) / capacity
        waiting = activity.waiting_seconds(began, ended) / capacity
        return [f"{share:.1%}" for share in (busy, waiting, 1 - busy - waiting)]

    def print_all(self) -> None:
        """Prints what workers did while there was something to search, and until the last training ended."""
        last = max(ended for _, ended in self._engine.activity.units)
        for what, end in (("up to the shortlist", self._searched), ("up to the last training", last)):
            busy, waiting, late = self._shares(0.0, end)
            print(f"{what}, {end:.0f} s: busy {busy}, phases wait {waiting}, driver in arrears {late}", flush=True)


def watched(owner: Any, method: str) -> list[float]:
    """Seconds of each call of a method from now on."""
    seconds: list[float] = []
    called: Callable[..., Any] = getattr(owner, method)

    def timed(*arguments: Any) -> None:
        began = time.perf_counter()
        called(*arguments)
        seconds.append(time.perf_counter() - began)

    setattr(owner, method, timed)
    return seconds


if __name__ == "__main__":
    main()
