"""A driver that was cut off, and another that took its study over, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from search.storage.database import Database
from search.storage.fence import Fence, TakenOver
from search.storage.studies import StudyStore
from search.storage.tables import StudyRow
from search.storage.trials import TrialStore
from search.trial import Trial, TrialState
from tests.search.made import SPACE, made_trial
from tests.search.storage.specification import SPECIFICATION
from tests.search.storage.test_trials import outcome


@pytest.fixture
def database(either: Database) -> Iterator[Database]:
    """With a study that this process drives."""
    studies = StudyStore(either)
    studies.create(SPECIFICATION, "mine", "digits")
    studies.claim("mine")
    yield either
    either.optuna_storage().engine.dispose()


def trials_of(database: Database) -> TrialStore:
    return TrialStore(database.optuna_storage(), "mine", SPACE)


@contextmanager
def driving(database: Database) -> Iterator[tuple[TrialStore, Trial]]:
    """Behind the fence, with a trial that the driver has begun."""
    store, trial = trials_of(database), made_trial(-1)
    with Fence(database.optuna_storage().engine, "mine"):
        store.create(trial)
        store.writer.settle()
        yield store, trial


def take_over(database: Database) -> None:
    with Session(database.engine) as session, session.begin():
        session.execute(update(StudyRow).values(driver="elsewhere:1:1"))


WRITES: dict[str, Callable[[TrialStore, Trial], None]] = {
    "a new trial": lambda store, trial: store.create(made_trial(-1)),
    "a segment": lambda store, trial: store.begin(replace(trial, stop=7)),
    "an outcome": lambda store, trial: store.report(replace(trial, outcomes=[outcome(10)])),
    "an end": lambda store, trial: store.finish(replace(trial, state=TrialState.PRUNED)),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_driver_that_was_taken_over_writes_nothing(database: Database, write):
    """What it wrote before stays; what comes later is refused whole, and the other driver's numbers go on."""
    with driving(database) as (store, trial):
        take_over(database)
        write(store, trial)
        with pytest.raises(TakenOver, match="study 'mine' was taken over by another process"):
            store.writer.settle()
    others = trials_of(database)
    assert others.load() == [trial]
    others.create(second := made_trial(-1))
    others.writer.settle()
    assert second.number == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_driver_writes_what_it_likes(database: Database, write):
    """It is recorded, and the fence is down when the block is left."""
    with driving(database) as (store, trial):
        (before,) = trials_of(database).load()
        write(store, trial)
        store.writer.settle()
    assert trials_of(database).load() != [before]
    take_over(database)
    trials_of(database).delete()


def test_a_verdict_is_the_drivers(database: Database):
    """The verdict of one that was taken over would hide that the other still trains."""
    studies = StudyStore(database)
    take_over(database)
    with pytest.raises(TakenOver):
        studies.save_verdict("mine", {})
    assert studies.verdict("mine") is None


def test_nobody_takes_over_between_the_look_and_the_commit(database: Database):
    """PostgreSQL holds the row from one to the other; a heart may not beat in this moment, nor a driver change."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    fence = Fence(database.engine, "mine")
    with database.engine.begin() as transaction:
        fence._check(transaction)
        with database.engine.connect() as other:
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                other.execute(update(StudyRow).values(driver="elsewhere:1:1"))
    take_over(database)
    with pytest.raises(TakenOver), database.engine.begin() as transaction:
        fence._check(transaction)
