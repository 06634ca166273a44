"""The queue: who gets which study, and what becomes of those whose runner dies."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from search.storage.database import Database
from search.storage.events import EventStore
from search.storage.liveness import Pulse, this_process
from search.storage.queue import MOST_ATTEMPTS, OUTAGE_PAUSE, Ending, Queue
from search.storage.studies import StudyState, StudyStore, Submission
from search.storage.tables import QueueRow, now
from spaces import InvalidInput
from tests.search.storage.specification import SPECIFICATION

DEAD = f"{socket.gethostname()}:1:1"


def submit(database: Database, name: str, owner: str = "ann", priority: int = 0) -> None:
    StudyStore(database).create(SPECIFICATION, name, "digits", Submission(owner, priority))


def leased(database: Database, count: int, runner: str = "here:1:1") -> list[str | None]:
    queue = Queue(database)
    return [queue.lease(runner) for _ in range(count)]


def state(database: Database, name: str) -> str:
    return StudyStore(database).get(name).state


def test_the_oldest_submission_comes_first_and_each_once(either: Database):
    """Then there is nothing left; a study that is not queued never comes."""
    StudyStore(either).create(SPECIFICATION, "by-hand", "digits")
    for name in ("a", "b"):
        submit(either, name)
    assert leased(either, 3) == ["a", "b", None]


def test_priority_comes_before_age(either: Database):
    """The highest first."""
    submit(either, "early")
    submit(either, "urgent", priority=5)
    assert leased(either, 2) == ["urgent", "early"]


def test_owners_share_evenly(either: Database):
    """Whoever has the fewest studies at work is next, however many another submitted before."""
    for name in ("a1", "a2", "a3"):
        submit(either, name, "ann")
    for name in ("b1", "b2"):
        submit(either, name, "bob")
    assert leased(either, 5) == ["a1", "b1", "a2", "b2", "a3"]


def test_many_runners_at_once_never_get_the_same(either: Database):
    """Eight threads with a connection each take forty studies: each once."""
    for number in range(40):
        submit(either, f"s{number}")
    taken: list[str] = []

    def take(runner: str) -> None:
        while (name := Queue(either).lease(runner)) is not None:
            taken.append(name)

    threads = [threading.Thread(target=take, args=(f"r{number}:1:1",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"s{number}" for number in range(40))


def test_studies_of_a_dead_runner_wait_again(either: Database):
    """Once neither the runner nor the driver that it started lives; a living one keeps its study."""
    submit(either, "lost")
    submit(either, "kept")
    assert leased(either, 1, DEAD) == ["lost"]
    assert leased(either, 1, this_process()) == ["kept"]
    assert Queue(either).take_from_dead() == ["lost"]
    assert leased(either, 2) == ["lost", None]


def test_a_study_stays_with_a_driver_that_outlives_its_runner(either: Database):
    """It is taken over when that has ended too."""
    submit(either, "mine")
    leased(either, 1, DEAD)
    StudyStore(either).claim("mine")
    assert Queue(either).take_from_dead() == []
    StudyStore(either).release("mine", StudyState.INTERRUPTED, 1.0)
    assert Queue(either).take_from_dead() == ["mine"]
    assert state(either, "mine") == StudyState.QUEUED


def test_a_runner_on_another_machine_is_believed_while_its_heart_beats(either: Database):
    """A minute of silence in which somebody listened, and its studies wait again, whatever the clocks say."""
    submit(either, "far")
    leased(either, 1, "elsewhere:1:1")
    seconds = iter(range(0, 200, 10))
    queue = Queue(either, Pulse(lambda: float(next(seconds))))
    for _ in range(6):
        queue.beat("elsewhere:1:1", ["far"])
        assert queue.take_from_dead() == []
    for age in (timedelta(hours=-1), timedelta(hours=1)):  # its clock was set
        with Session(either.engine) as session, session.begin():
            session.get_one(QueueRow, "far").heartbeat = now() - age
        assert [queue.take_from_dead() for _ in range(6)] == [[]] * 6
    assert queue.take_from_dead() == ["far"]


def test_a_study_that_was_leased_without_its_runner_knowing_waits_again(either: Database):
    """The connection broke when the database had written the lease; studies that it knows of stay with it."""
    submit(either, "known")
    submit(either, "unheard-of")
    queue, runner = Queue(either), this_process()
    assert [queue.lease(runner), queue.lease(runner)] == ["known", "unheard-of"]
    queue.beat(runner, ["known"])
    assert leased(either, 2, runner) == ["unheard-of", None]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_pause_ends_though_the_clock_was_set(either: Database, hours: int):
    """One written by a clock that was an hour ahead is no pause of an hour."""
    submit(either, "broken")
    with Session(either.engine) as session, session.begin():
        session.get_one(QueueRow, "broken").not_before = now() + timedelta(hours=hours, seconds=5)
    assert leased(either, 1) == ["broken"]


def failed(database: Database, name: str, ending: Ending) -> timedelta:
    """Lets a study run and fail, and returns how long it would pause then; it does not."""
    runner, queue = this_process(), Queue(database)
    assert queue.lease(runner) == name
    StudyStore(database).claim(name)
    StudyStore(database).release(name, StudyState.FAILED, 1.0)
    queue.give_back(name, runner, ending)
    assert queue.lease(runner) is None, "it pauses first"
    with Session(database.engine) as session, session.begin():
        row = session.get_one(QueueRow, name)
        pause, row.not_before = row.not_before - now(), now()
    return pause


def test_a_study_that_ends_in_errors_is_given_up_in_the_end(either: Database):
    """It runs again after a pause that doubles, and fails after the fourth time."""
    submit(either, "broken")
    pauses = [failed(either, "broken", Ending.ITS_OWN).total_seconds() for _ in range(MOST_ATTEMPTS)]
    assert state(either, "broken") == StudyState.FAILED
    assert pauses == pytest.approx([5, 10, 20, 40], abs=2)


def test_for_want_of_a_service_a_study_is_never_given_up(either: Database):
    """It waits a little and tries again, however often."""
    submit(either, "mine")
    for _ in range(MOST_ATTEMPTS + 1):
        assert timedelta(0) < failed(either, "mine", Ending.OUTAGE) <= OUTAGE_PAUSE
        assert state(either, "mine") == StudyState.QUEUED


def test_a_study_that_comes_along_is_not_given_up(either: Database):
    """Failures of weeks do not add up: where a trial has ended in between they count from the first again."""
    submit(either, "mine")
    for trial in range(MOST_ATTEMPTS + 1):
        failed(either, "mine", Ending.ITS_OWN)
        EventStore(either).append("mine", "trial", {}, trial)
    assert state(either, "mine") == StudyState.QUEUED


def test_an_interrupted_runner_lets_its_studies_wait(either: Database):
    """One that a user stopped stays stopped."""
    for name, was_stopped in (("stopped", True), ("waits", False)):
        submit(either, name)
        runner = this_process()
        assert Queue(either).lease(runner) == name
        StudyStore(either).claim(name)
        StudyStore(either).release(name, StudyState.INTERRUPTED, 1.0)
        Queue(either).give_back(name, runner, Ending.ITS_OWN if was_stopped else Ending.INTERRUPTED)
    assert state(either, "stopped") == StudyState.INTERRUPTED
    assert state(either, "waits") == StudyState.QUEUED


def test_a_waiting_study_is_stopped_at_once(either: Database):
    """One that a runner has just leased is stopping until the runner has heard of it, and cannot start meanwhile."""
    store = StudyStore(either)
    submit(either, "waits")
    assert store.stop("waits") == StudyState.INTERRUPTED
    submit(either, "leased")
    runner = this_process()
    assert Queue(either).lease(runner) == "leased"
    assert store.stop("leased") == StudyState.STOPPING
    with pytest.raises(InvalidInput, match="'leased' is about to stop"):
        store.claim("leased")
    Queue(either).give_back("leased", runner, Ending.INTERRUPTED)
    assert state(either, "leased") == StudyState.INTERRUPTED


def test_a_study_that_rests_enters_the_queue_again(either: Database):
    """With what its owner wants now; one that runs or is finished does not."""
    submit(either, "mine")
    store, queue = StudyStore(either), Queue(either)
    store.stop("mine")
    queue.enter("mine", Submission("ann", priority=3))
    assert state(either, "mine") == StudyState.QUEUED
    with pytest.raises(InvalidInput, match="'mine' is queued: expected one that was interrupted or failed"):
        queue.enter("mine", Submission("ann"))
    store.create(SPECIFICATION, "by-hand", "digits")
    queue.enter("by-hand", Submission("bob"))
    assert leased(either, 2) == ["mine", "by-hand"]


def test_a_submission_sent_again_is_the_same_study(either: Database):
    """By its key; other words under the same key are refused, the same key of another owner is another study."""
    store = StudyStore(either)
    first = store.create(SPECIFICATION, None, "digits", Submission("ann", key="k", digest="1"))
    assert store.create(SPECIFICATION, None, "digits", Submission("ann", key="k", digest="1")) == first == "digits"
    assert store.create(SPECIFICATION, None, "digits", Submission("bob", key="k", digest="1")) == "digits-2"
    with pytest.raises(InvalidInput, match="idempotency key 'k' was used for study 'digits'"):
        store.create(SPECIFICATION, None, "digits", Submission("ann", key="k", digest="2"))
    assert [row.name for row in store.all()] == ["digits", "digits-2"]


def test_every_change_of_state_is_an_event(either: Database):
    """Numbered from one without a gap, also where several processes append."""
    submit(either, "mine")
    store, events = StudyStore(either), EventStore(either)
    Queue(either).lease(this_process())
    store.claim("mine")
    threads = [threading.Thread(target=events.append, args=("mine", "trial", {}, number)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.release("mine", StudyState.FINISHED, 1.0)
    told = events.after("mine", 0)
    assert [event.number for event in told] == list(range(1, 24))
    assert [event.data["state"] for event in told if event.kind == "state"] == ["queued", "running", "finished"]
    assert events.trials("mine") == set(range(20))
    assert events.after("mine", 22) == told[22:]
