"""A database that is away, or goes away before it can say that something is done."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import IntegrityError, OperationalError

from search.storage import outage
from search.storage.database import Database
from search.storage.events import EventStore
from search.storage.outage import is_outage, outlast
from search.storage.studies import StudyStore
from search.storage.trials import TrialStore
from search.storage.writer import Writer
from search.trial import Trial, TrialState
from tests.search.made import SPACE, made_trial
from tests.search.storage.specification import SPECIFICATION
from workers.outcome import Outcome, Status

AWAY = OperationalError("UPDATE", {}, Exception("the connection is lost"))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch) -> None:
    monkeypatch.setattr(outage, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'studies.db'}")


class Silent:
    """Does everything that the wrapped one does, but loses the connection before it can say so, the first time.

    Args:
        inner: what is wrapped.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.lost: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            done = method(*arguments, **named)
            if name.startswith(("create_new_trial", "set_", "append")) and name not in self.lost:
                self.lost.add(name)
                raise AWAY
            return done

        return call


def recorded(store: TrialStore) -> list[Trial]:
    """Two trials, the first trained and ended."""
    first, second = made_trial(-1), made_trial(-1, slot="1")
    with store:
        for trial in (first, second):
            store.create(trial)
        first.outcomes.append(Outcome(0, 0, 90, Status.TRAINED, search_score=0.5))
        store.report(first)
        first.state = TrialState.COMPLETE
        store.finish(first)
    return [first, second]


def test_what_was_done_in_silence_is_not_done_twice(database: Database):
    """Every write of a trial, and its end among the events, when the word that it was done is lost."""
    silent = Silent(database.optuna_storage())
    trials = recorded(TrialStore(silent, "study", SPACE))
    assert len(silent.lost) == 4
    assert TrialStore(database.optuna_storage(), "study", SPACE).load() == trials
    StudyStore(database).create(SPECIFICATION, "study", "digits")
    events = Silent(EventStore(database))
    writer = Writer()
    writer.write(events.append, "study", "trial", {}, 0)
    writer.settle()
    assert events.lost == {"append"}
    assert EventStore(database).trials("study") == {0}
    assert [event.number for event in EventStore(database).after("study", 0)] == [1, 2]


def test_another_outcome_of_an_ended_trial_is_no_silence(database: Database):
    """Who finds it complete cannot have failed it."""
    store = TrialStore(database.optuna_storage(), "study", SPACE)
    first, _ = recorded(store)
    first.state = TrialState.FAILED
    store.finish(first)
    with pytest.raises(RuntimeError):
        store.writer.settle()


def test_a_database_that_comes_back_is_waited_for(caplog):
    """Told once, and done once it is there."""
    answers: list[Exception | None] = [AWAY, AWAY, None]

    def write() -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    outlast(write)
    assert answers == []
    assert [record.getMessage() for record in caplog.records] == [
        "the database does not take the record, it is waited for: the connection is lost"
    ]


def test_what_cannot_be_written_is_told_at_once():
    """A defect does not go away by itself."""
    optunas = StorageInternalError()
    optunas.__cause__ = AWAY
    assert is_outage(optunas)
    wrong = IntegrityError("INSERT", {}, Exception("a number twice"))
    assert not is_outage(wrong)
    writer = Writer()
    writer.write(lambda: (_ for _ in ()).throw(wrong))
    with pytest.raises(IntegrityError):
        writer.settle()


def test_who_is_interrupted_waits_for_no_database():
    """Ctrl-C in an outage ends the study; what could not be written is trained again."""
    writer, tried = Writer(), threading.Event()

    def write() -> None:
        tried.set()
        raise AWAY

    writer.write(write)
    assert tried.wait(60)
    writer.drain()
    with pytest.raises(OperationalError):
        writer.settle()


def test_no_database_is_waited_for_without_end(monkeypatch):
    """Whoever drives the study begins again later."""
    monkeypatch.setattr(outage, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(OperationalError):
        outlast(lambda: (_ for _ in ()).throw(AWAY))
