import os
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from search.specification import Specification
from search.storage.database import Database
from search.storage.fence import TakenOver
from search.storage.lease import Lease
from search.storage.liveness import STALE_AFTER, started, this_process
from search.storage.studies import StudyState, StudyStore
from search.storage.tables import StudyRow, now
from spaces import InvalidInput, SearchSpace
from tests.search.storage.specification import SPECIFICATION


@pytest.fixture
def database(tmp_path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'deep' / 'studies.db'}")


@pytest.fixture
def store(database) -> StudyStore:
    return StudyStore(database)


def test_a_specification_comes_back(store):
    """The space with all its names survives the database."""
    store.create(SPECIFICATION, "a", "digits")
    read = Specification(**store.get("a").spec)
    assert read == SPECIFICATION
    assert read.space == SearchSpace.named("everything")


def test_studies_without_a_name_are_numbered(store):
    """digits, digits-2, digits-3."""
    assert [store.create(SPECIFICATION, None, "digits") for _ in range(3)] == ["digits", "digits-2", "digits-3"]


def test_a_taken_name_is_told_how_to_resume(store):
    """One line: what exists, in which state, and what to do."""
    store.create(SPECIFICATION, "mine", "digits")
    with pytest.raises(InvalidInput, match=r"'mine' exists already \(created\); .* penchant resume mine"):
        store.create(SPECIFICATION, "mine", "digits")


def test_an_unknown_study_is_told_with_those_that_exist(store):
    """The message lists what is recorded."""
    store.create(SPECIFICATION, "mine", "digits")
    with pytest.raises(InvalidInput, match=r"unknown study 'yours': .*\(mine\)"):
        store.get("yours")


def interrupted_while_held(store: StudyStore) -> None:
    assert store.get("mine").state == StudyState.RUNNING
    assert store.get("mine").driver == this_process()
    time.sleep(0.05)
    raise KeyboardInterrupt


def test_a_lease_keeps_the_state_and_the_clock(store):
    """Running while held, interrupted after an interruption, and the next run's clock goes on."""
    store.create(SPECIFICATION, "mine", "digits")
    with pytest.raises(KeyboardInterrupt), Lease(store, "mine"):
        interrupted_while_held(store)
    row = store.get("mine")
    assert (row.state, row.driver) == (StudyState.INTERRUPTED, None)
    with Lease(store, "mine") as lease:
        assert lease.seconds() >= row.seconds >= 0.05
        lease.end_state = StudyState.FINISHED
    assert store.get("mine").state == StudyState.FINISHED


def wait_until(happened) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.02)


def test_a_driver_that_was_taken_over_stops(store, monkeypatch):
    """One that was silent for too long neither goes on nor touches the study of the one that took it over."""
    monkeypatch.setattr("search.storage.lease.HEARTBEAT_SECONDS", 0.05)
    store.create(SPECIFICATION, "mine", "digits")
    with Lease(store, "mine") as lease:
        lease.ensure_held()
        with Session(store._engine) as session, session.begin():
            session.get(StudyRow, "mine").driver = "elsewhere:1:1"
        wait_until(lambda: lease._lost)
        with pytest.raises(TakenOver, match="taken over by another process"):
            lease.ensure_held()
    assert store.get("mine").driver == "elsewhere:1:1"


def test_the_heart_beats_on_after_a_fault_of_the_database(store, monkeypatch):
    """A beat that cannot be written is followed by the next."""
    monkeypatch.setattr("search.storage.lease.HEARTBEAT_SECONDS", 0.05)
    store.create(SPECIFICATION, "mine", "digits")
    real, calls = store.beat, []

    def beat(name, seconds):
        calls.append(seconds)
        if len(calls) == 1:
            raise OSError("database is locked")
        return real(name, seconds)

    monkeypatch.setattr(store, "beat", beat)
    with Lease(store, "mine") as lease:
        wait_until(lambda: len(calls) >= 3)
        lease.ensure_held()


def test_an_error_fails_the_study(store):
    """A defect of ours leaves the study failed, not running for ever."""
    store.create(SPECIFICATION, "mine", "digits")
    with pytest.raises(ZeroDivisionError), Lease(store, "mine"):
        raise ZeroDivisionError
    assert store.get("mine").state == StudyState.FAILED


def claimed_by(store: StudyStore, driver: str, heartbeat) -> None:
    store.create(SPECIFICATION, "mine", "digits")
    with Session(store._engine) as session, session.begin():
        row = session.get(StudyRow, "mine")
        row.driver, row.heartbeat, row.state = driver, heartbeat, StudyState.RUNNING


def test_a_study_that_runs_elsewhere_is_not_taken(store):
    """A living process on this machine keeps its study however old its heartbeat; the message names it."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        host = this_process().rsplit(":", 2)[0]
        driver = f"{host}:{other.pid}:{started(other.pid)}"
        claimed_by(store, driver, now() - timedelta(hours=1))
        with pytest.raises(InvalidInput, match=f"'mine' is being run by {driver}"):
            store.claim("mine")
        other.kill()


@pytest.mark.parametrize(
    ("driver", "age"),
    [
        ("here:{pid}:1", timedelta(0)),  # another process had the number before
        ("here:4194304:1", timedelta(0)),  # no such process
        ("elsewhere:1:1", STALE_AFTER + timedelta(seconds=5)),  # silent for over a minute
    ],
)
def test_the_study_of_a_dead_process_is_taken_over(store, driver: str, age: timedelta):
    """Killed by -9, it leaves the study to whoever comes next."""
    host = this_process().rsplit(":", 2)[0]
    claimed_by(store, driver.replace("here", host).format(pid=os.getpid()), now() - age)
    store.claim("mine")
    assert store.get("mine").driver == this_process()


def test_a_driver_on_another_machine_is_believed_while_its_heart_beats(store):
    """Its process cannot be looked at, its heartbeat can."""
    claimed_by(store, "elsewhere:1:1", now())
    with pytest.raises(InvalidInput, match="is being run by elsewhere:1:1"):
        store.claim("mine")


def test_of_two_that_claim_at_once_one_succeeds(store, monkeypatch):
    """Both read that nobody drives the study; the database lets one of them in."""
    store.create(SPECIFICATION, "mine", "digits")
    both_have_read = threading.Barrier(2)
    real_get = store.get

    def get(name):
        row = real_get(name)
        both_have_read.wait()
        return row

    monkeypatch.setattr(store, "get", get)
    refused = []

    def claim():
        try:
            store.claim("mine")
        except InvalidInput as error:
            refused.append(str(error))

    threads = [threading.Thread(target=claim) for _ in range(2)]
    monkeypatch.setattr("search.storage.studies.this_process", lambda: f"here:{threading.get_ident()}:1")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert "was just taken" in refused[0]


def test_a_verdict_replaces_an_earlier_one(store):
    """One verdict a study."""
    store.create(SPECIFICATION, "mine", "digits")
    assert store.verdict("mine") is None
    for winner in ("a", "b"):
        store.save_verdict("mine", {"winner": winner})
    assert store.verdict("mine") == {"winner": "b"}


def test_sqlite_writes_ahead(database):
    """Readers never wait for the driver, and a trial costs milliseconds."""
    for engine in (database.engine, database.optuna_storage().engine):
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 1


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql+nodriver://h/d", "postgresql+psycopg://u:secret@127.0.0.1:1/d"]
)
def test_a_database_that_cannot_be_opened_is_one_line(url: str):
    """What was given, without its password, and why it does not open."""
    with pytest.raises(InvalidInput, match=r"^storage .* cannot be opened") as caught:
        Database(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
