"""Two runners, each with several studies at a time, race for fifty that wait in PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from mlflow import MlflowClient

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import Place, wait_until
from benchmarks.faults.postgres import postgres
from benchmarks.faults.record import Record
from search import Study
from search.service.runner import Runner
from search.settings import Settings
from search.storage.database import Database
from search.storage.events import EventStore
from search.storage.queue import Queue

STUDIES = 50
SMALL = {"data": "iris", "space": {"operations": ["dense"], "stages": [1, 1]}, "trials": 4, "epochs": 1}


def two_runners(scene: Scene) -> Result:
    """Each study is driven once, by one of them, and all are like the first."""
    result = Result("two runners race for queued studies; they train in their drivers, without Ray", times=STUDIES)
    with postgres(scene.folder) as server, Place(scene.folder / "home", server.database("drill")) as place:
        for number in range(STUDIES):
            let_go(place.submit(f"s{number}", **SMALL))
        MlflowClient(place.tracking_uri).search_experiments()  # makes its tables, which several at once cannot
        began = time.monotonic()
        command = (sys.executable, "-m", "benchmarks.faults.racing")
        here = str(Path(__file__).parents[2])  # processes of a place start elsewhere
        runners = [place.start(*command, log=f"runner-{number}", PYTHONPATH=here) for number in range(2)]
        wait_until(lambda: all(runner.poll() is not None for runner in runners), "done", 1800)
        seconds = time.monotonic() - began
        first = Record.of(Study.load("s0"))
        for number in range(STUDIES):
            study = Study.load(f"s{number}")
            result.take(study, first)
            told = EventStore(study._database).after(study.name, 0)
            states = Counter(event.data["state"] for event in told if event.kind == "state")
            assert states == Counter(("queued", "running", "finished")), (study.name, states)
            let_go(study)
        had = [(place.home / f"runner-{number}.log").read_text().count(": starts") for number in range(2)]
        assert sum(had) == STUDIES
    result.notes = f"{had[0]} and {had[1]} of them, in {seconds:.0f} s"
    return result


def let_go(study: Study) -> None:
    """Closes its connections: PostgreSQL has a hundred."""
    study._database.engine.dispose()
    study._database.optuna_storage().engine.dispose()


def main() -> None:
    """A runner whose drivers train in their own process."""
    storage = Settings.resolve().storage

    def start(study: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "benchmarks.faults.inline_driver", study]
        return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    Runner(Queue(Database(storage)), start, concurrency=2, tell=lambda line: print(line, flush=True)).run(once=True)


if __name__ == "__main__":
    main()
