"""What a study costs beside the training itself, as ratios within one run: `make bench`.

Runs a study of `digits` on two local workers with everything recorded (SQLite and MLflow). Prints how busy the workers
were, from the first training's start to the last one's end and over the whole study, and what was lost a training.
"""

from __future__ import annotations

import os
import tempfile
import time

from search import Study
from search.observer import Observer
from search.trial import Trial
from workers.tune_engine import TuneEngine

TRIALS, EPOCHS, WORKERS = 60, 10, 2


class Stopwatch(Observer):
    """Notes when trainings end."""

    def __init__(self) -> None:
        self.first_start = 0.0
        self.last_end = 0.0
        self.segments = 0

    def segment_ends(self, trial: Trial) -> None:
        """See `Observer`."""
        self.last_end = time.monotonic()
        self.first_start = self.first_start or self.last_end - trial.outcomes[-1].seconds
        self.segments += 1


def main() -> None:
    """Runs the study and prints the shares."""
    os.environ["PENCHANT_HOME"] = tempfile.mkdtemp(prefix="penchant-bench-")
    study = Study.create("digits", trials=TRIALS, epochs=EPOCHS)
    stopwatch = Stopwatch()
    budget = study.run(TuneEngine(WORKERS), [*study.observers(), stopwatch]).budget
    span = stopwatch.last_end - stopwatch.first_start
    lost = WORKERS * span - budget.core_seconds
    print(f"trainings                        {stopwatch.segments}, {budget.core_seconds:.1f} s of work in {span:.1f} s")
    print(f"workers busy while training      {budget.core_seconds / (WORKERS * span):.1%}")
    print(f"workers busy over the whole run  {budget.worker_busy_share:.1%}  (Ray's start included)")
    print(f"lost a training                  {1000 * lost / stopwatch.segments:.0f} ms of one worker")


if __name__ == "__main__":
    main()
