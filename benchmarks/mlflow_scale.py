"""Two thousand trials of thirty epochs in one experiment: whether the writer keeps up, and the page stays usable.

Trials are made up, none is trained: what is measured is `MlflowTracker` on an SQLite record and MLflow's own UI on it.
Run from the root of the repository: python -m benchmarks.mlflow_scale [TRIALS]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil
from mlflow import MlflowClient

from search.tracking.address import experiment_page
from search.tracking.mlflow_tracker import MlflowTracker, TrackedStudy
from search.tracking.server import MlflowServer
from search.trial import Trial
from tests.browser import CHROMIUM, browser
from tests.search.made import SPACE, made_trial
from tests.search.verdict.censuses import ACCURACY
from workers.outcome import CurvePoint

EPOCHS = 30
STEPS_AN_EPOCH = 30
PARTS = 4
"""Times that speed and memory are told."""
NAME = "scale"


def main() -> None:
    """Writes the trials in parts and opens the page."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    folder = Path(tempfile.mkdtemp(prefix="penchant-scale-"))
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    try:
        study = TrackedStudy(NAME, {"identity": NAME}, ACCURACY, SPACE.task, resume_command="")
        tracker = MlflowTracker(uri, folder / "artifacts", study)
        tracker.study_starts([])
        for part in range(PARTS):
            write(tracker, range(part * count // PARTS, (part + 1) * count // PARTS))
        tracker.close()
        print(f"record: {(folder / 'mlflow.db').stat().st_size / 1e6:.0f} MB")
        open_page(uri)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(tracker: MlflowTracker, numbers: range) -> None:
    """Ends some trials one after another and waits until they are written."""
    enqueued = 0.0
    process, began = time.process_time(), time.monotonic()
    for number in numbers:
        trial = long_trial(number)
        before = time.monotonic()
        tracker.trial_ends(trial)
        enqueued += time.monotonic() - before
    tracker._writer.submit(lambda: None).result()
    seconds, cpu = time.monotonic() - began, time.process_time() - process
    megabytes = psutil.Process(os.getpid()).memory_info().rss / 1e6
    told = f"{1000 * seconds / len(numbers):.0f} ms ({1000 * cpu / len(numbers):.0f} ms of CPU) a trial"
    print(f"trials up to {numbers.stop}: {told}, {1e6 * enqueued / len(numbers):.0f} µs to enqueue, {megabytes:.0f} MB")


def long_trial(number: int) -> Trial:
    """A trial with a curve of thirty epochs."""
    steps = range(STEPS_AN_EPOCH, EPOCHS * STEPS_AN_EPOCH + 1, STEPS_AN_EPOCH)
    horizon = steps[-1]
    trial = made_trial(number, scores={horizon: 0.5 + number % 400 / 1000}, horizon=horizon, phase="census")
    curve = tuple(CurvePoint(step, 30 / step, 0.5 + step / horizon / 3) for step in steps)
    return replace(trial, outcomes=[replace(trial.outcomes[0], curve=curve)])


def open_page(uri: str) -> None:
    """How long a browser takes until the table of runs, and the parent's own page, can be used."""
    if CHROMIUM is None:
        print("no browser here: the page is not opened")
        return
    with MlflowServer(uri) as server, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1500, "height": 900})
        for visit in ("first", "second"):
            began = time.monotonic()
            page.goto(server.address + experiment_page(uri, NAME))
            page.get_by_role("link", name=NAME, exact=True).last.wait_for(timeout=120_000)
            page.get_by_text("matching runs").wait_for(timeout=120_000)
            print(f"table of runs, {visit} visit: {time.monotonic() - began:.1f} s")
            page.goto("about:blank")
        began = time.monotonic()
        page.goto(server.address + parent_page(uri))
        page.get_by_text("Child runs", exact=True).wait_for(timeout=120_000)
        page.get_by_role("link", name="·").first.wait_for(timeout=120_000)
        print(f"the study's own page with its first children: {time.monotonic() - began:.1f} s")


def parent_page(uri: str) -> str:
    """Where the UI shows the parent run."""
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(NAME).experiment_id
    (parent,) = client.search_runs([experiment], "tags.`penchant.role` = 'study'")
    return f"/#/experiments/{experiment}/runs/{parent.info.run_id}?workflowType=machine_learning"


if __name__ == "__main__":
    main()
