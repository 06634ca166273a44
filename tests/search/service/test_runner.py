"""Runners as real processes, whose drivers train nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from search.cli.ending import EXIT_UNAVAILABLE
from search.service.runner import Runner
from search.storage.database import Database
from search.storage.queue import Queue
from search.storage.studies import StudyState, StudyStore, Submission
from search.storage.tables import QueueRow
from tests.search.storage.specification import SPECIFICATION


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "studies.db"


@pytest.fixture
def store(path: Path) -> StudyStore:
    return StudyStore(Database(f"sqlite:///{path}"))


@pytest.fixture
def start(path: Path) -> Iterator[Callable[[float], subprocess.Popen]]:
    """Starts a runner whose studies take so many seconds, and waits until it looks for some."""
    started = []

    def runner(seconds: float) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.search.service.run_runner", str(path), str(seconds)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield runner
    for process in started:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def runs(path: Path) -> Counter[str]:
    ledger = Path(f"{path}.runs")
    return Counter(ledger.read_text().split() if ledger.exists() else [])


def states(store: StudyStore) -> Counter[str]:
    return Counter(row.state for row in store.all())


def test_two_runners_race_for_the_same_studies(store: StudyStore, path: Path, start):
    """Each study runs exactly once, and both runners have had some."""
    names = [store.create(SPECIFICATION, f"s{n}", "digits", Submission("ann")) for n in range(24)]
    racing = [start(0.1), start(0.1)]
    told = [process.communicate(timeout=120)[0] for process in racing]
    assert runs(path) == Counter(names)
    assert states(store) == Counter({StudyState.FINISHED: 24})
    assert all(lines.count("starts") > 3 for lines in told), told


def test_the_study_of_a_killed_runner_goes_on_elsewhere(store: StudyStore, path: Path, start):
    """Kill -9 in mid-study: the driver ends with it, another runner takes the study up."""
    store.create(SPECIFICATION, "mine", "digits", Submission("ann"))
    killed = start(600)
    wait_for(lambda: runs(path)["mine"] == 1)
    killed.kill()
    start(0).communicate(timeout=60)
    assert runs(path)["mine"] == 2
    assert store.get("mine").state == StudyState.FINISHED


def test_an_interrupted_runner_leaves_its_studies_waiting(store: StudyStore, path: Path, start):
    """SIGTERM, as from a service manager: nothing of its own stays behind, and the study waits for a runner."""
    store.create(SPECIFICATION, "mine", "digits", Submission("ann"))
    stopped = start(600)
    wait_for(lambda: runs(path)["mine"] == 1)
    stopped.terminate()
    stopped.communicate(timeout=30)
    row = store.get("mine")
    assert (row.state, row.driver) == (StudyState.QUEUED, None)


def test_a_study_that_lacks_something_for_now_waits(store: StudyStore, path: Path):
    """Its driver says so by its exit code; it is not counted against the study."""
    store.create(SPECIFICATION, "mine", "digits", Submission("ann"))
    database = Database(f"sqlite:///{path}")
    queue = Queue(database)
    lacking = [sys.executable, "-S", "-c", f"raise SystemExit({EXIT_UNAVAILABLE})"]
    told: list[str] = []
    runner = Runner(queue, lambda _: subprocess.Popen(lacking, stdin=subprocess.PIPE), 1, told.append)
    thread = threading.Thread(target=runner.run)
    thread.start()
    wait_for(lambda: "mine: lacks something for now" in told)
    runner.stop()
    thread.join()
    with Session(database.engine) as session:
        row = session.get_one(QueueRow, "mine")
        assert (row.attempts, row.runner) == (0, None)
    assert store.get("mine").state == StudyState.QUEUED


def test_a_study_whose_driver_could_not_be_started_waits_for_the_next_look(
    store: StudyStore, path, monkeypatch, caplog
):
    """A full disk takes no log; the runner keeps no lease on what it does not run, and tells once what is wrong."""
    monkeypatch.setattr("search.service.runner.HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr("search.service.runner.POLL_SECONDS", 0.02)
    store.create(SPECIFICATION, "mine", "digits", Submission("ann"))
    tried: list[str] = []

    def start(study: str) -> subprocess.Popen[bytes]:
        tried.append(study)
        if len(tried) < 4:
            raise OSError("no space left on device")
        return subprocess.Popen([sys.executable, "-S", "-c", ""], stdin=subprocess.PIPE)

    runner = Runner(Queue(Database(f"sqlite:///{path}")), start, 1, lambda _: None)
    thread = threading.Thread(target=runner.run)
    thread.start()
    wait_for(lambda: len(tried) == 4)
    runner.stop()
    thread.join()
    assert [record.getMessage() for record in caplog.records] == ["the queue: no space left on device"]
