"""What a study costs beside the training itself, as ratios within one run: `make bench` (eight minutes).

1. The same short trainings of digits on two local workers, by our engine with everything recorded (SQLite and MLflow),
   and by a hand-written script of Ray Tune, OptunaSearch and MLflow's callback: see `naive_tune.py`.
2. A default study of digits: how busy its workers were, from the first training's start to the last one's end, and
   over the whole study with Ray's start.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import naive_tune
import numpy as np

from search import Study
from search.candidate import Candidate
from search.driver import Driver
from search.observer import Observer
from search.phases.fixed import FixedPhase
from search.settings import Settings
from search.storage.database import Database
from search.storage.trials import TrialStore
from search.tracking.mlflow_tracker import MlflowTracker, TrackedStudy
from search.trial import Trial
from spaces import SearchSpace
from workers.checkpoint import Checkpoints
from workers.datasets import load_dataset
from workers.tune_engine import TuneEngine
from workers.work_unit import WorkUnit

TRIALS, STEPS, WORKERS = 16, 200, 2


class Stopwatch(Observer):
    """Notes when trainings end, and how long they took."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self.seconds: list[float] = []

    def segment_ends(self, trial: Trial) -> None:
        """See `Observer`."""
        self.ends.append(time.monotonic())
        self.seconds.append(trial.outcomes[-1].seconds)

    @property
    def busy_share(self) -> float:
        """Share of the workers' time in which they trained, from the first training's start to the last one's end."""
        return sum(self.seconds) / (WORKERS * (max(self.ends) - min(self._starts)))

    @property
    def lost_a_training(self) -> float:
        """Worker seconds between a training and the next one.

        Up to the start of the last training: after that a worker waits because there is nothing left to train.
        """
        starts = self._starts
        last = max(starts)
        trained = sum(min(end, last) - start for start, end in zip(starts, self.ends, strict=True))
        return (WORKERS * (last - min(starts)) - trained) / (len(starts) - WORKERS)

    @property
    def _starts(self) -> list[float]:
        return [end - seconds for end, seconds in zip(self.ends, self.seconds, strict=True)]


class Same(FixedPhase):
    """Trainings without a meaning beyond their cost."""

    name = "same"


def main() -> None:
    """Runs both and prints the figures."""
    home = Path(tempfile.mkdtemp(prefix="penchant-bench-"))
    os.environ["PENCHANT_HOME"] = str(home)
    trials = same_trials()
    whole, stopwatch = ours(trials, home)
    own = WORKERS * whole - sum(stopwatch.seconds)
    with open(home / "naive.log", "w") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        naive_whole, naive_seconds = naive_tune.run([unit(trial) for trial in trials], WORKERS)
    naive = WORKERS * naive_whole - naive_seconds
    print(f"the same {TRIALS} trainings of {STEPS} steps on {WORKERS} workers, worker time lost a training")
    print(f"  ours                           {1000 * own / TRIALS:6.0f} ms, the workers' start included")
    print(f"  ours, from one to the next     {1000 * stopwatch.lost_a_training:6.0f} ms")
    print(f"  Tune with OptunaSearch by hand {1000 * naive / TRIALS:6.0f} ms, the workers' starts included")
    print(f"  ratio                          {naive / own:6.1f}")
    sys.stdout.flush()

    study = Study.create("digits")
    stopwatch = Stopwatch()
    budget = study.run(TuneEngine(WORKERS), [*study.observers(), stopwatch]).budget
    print(f"a default study: {len(stopwatch.seconds)} trainings, {budget.core_seconds:.0f} s of work")
    print(f"  workers busy while training      {stopwatch.busy_share:.1%}")
    print(f"  workers busy over the whole study {budget.worker_busy_share:.1%}")


def same_trials() -> list[Trial]:
    """Short trainings of random candidates."""
    space, rng = SearchSpace.named("everything").fitted(load_dataset("digits").task), np.random.default_rng(0)
    candidates = [Candidate.sample(space, rng) for _ in range(TRIALS)]
    return [Trial("same", str(n), candidate, 0, n, STEPS) for n, candidate in enumerate(candidates)]


def ours(trials: Sequence[Trial], home: Path) -> tuple[float, Stopwatch]:
    """Trains them as a study does.

    Returns:
        Wall-clock seconds from the engine's start to its end, Ray's own start left out as in `naive_tune`.
    """
    settings, dataset = Settings.resolve(), load_dataset("digits")
    space = SearchSpace.named("everything").fitted(dataset.task)
    store = TrialStore(Database(settings.storage).optuna_storage(), "same", space)
    tracked = TrackedStudy("same", {"identity": "same"}, dataset.metric, dataset.task, resume_command="")
    tracker = MlflowTracker(settings.tracking_uri, home / "artifacts", tracked)
    stopwatch = Stopwatch()
    tracker.study_starts([])
    with TuneEngine(WORKERS) as engine:
        watching, limit = [tracker, stopwatch], 600.0
        driver = Driver(iter([Same(trials)]), [], store, watching, lambda _: limit, lambda: None, time.monotonic)
        began = time.monotonic()
        engine.run(driver, dataset, Checkpoints(home / "checkpoints"))
        whole = time.monotonic() - began
    tracker.close()
    return whole, stopwatch


def unit(trial: Trial) -> WorkUnit:
    """The unit that our driver would make of a trial."""
    architecture, recipe = trial.candidate.architecture, trial.candidate.recipe
    return WorkUnit(int(trial.slot), architecture, recipe, 0, trial.seed, 0, trial.horizon, trial.horizon)


if __name__ == "__main__":
    main()
