"""Queue: studies that wait for a runner, and which runner has which."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, aliased

from search.storage.database import Database
from search.storage.events import append
from search.storage.liveness import Pulse
from search.storage.studies import StudyState, Submission, WrongState
from search.storage.tables import EventRow, QueueRow, StudyRow, VerdictRow, database_now, now

MOST_ATTEMPTS = 4
"""Runs of a study in a row that may end in an error, no trial in between, before it is left alone."""
FIRST_PAUSE = timedelta(seconds=5)
"""Before a study that ended in an error runs again; doubles every time."""
OUTAGE_PAUSE = timedelta(seconds=15)
"""Before a study goes on that was without something that it needs."""
LONGEST_PAUSE = FIRST_PAUSE * 2**MOST_ATTEMPTS
"""A pause that seems longer was written by a clock that has been set since."""


class Ending(Enum):
    """How the process of a leased study ended."""

    ITS_OWN = "by itself: done, stopped by a user, or for a reason of the study's own"
    INTERRUPTED = "with its runner or machine, or by its runner"
    OUTAGE = "for want of something that may come back: a database, a cluster, room on a disk"


@dataclass(frozen=True)
class QueueFigures:
    """How busy the queue is.

    Attributes:
        runners: that have a study.
        oldest_seconds: how long the oldest waiting study has waited.
    """

    runners: int
    oldest_seconds: float


class Queue:
    """Hands studies to runners, each to one at a time.

    Args:
        database: where they wait.
        pulse: watches the processes of other machines.
    """

    def __init__(self, database: Database, pulse: Pulse | None = None) -> None:
        self._engine = database.engine
        self._pulse = pulse or Pulse()

    def enter(self, study: str, submission: Submission) -> None:
        """Lets a study that rests wait for a runner, which goes on with it.

        Raises:
            WrongState: it runs, waits already, or is finished.
        """
        at_rest = (StudyState.CREATED, StudyState.INTERRUPTED, StudyState.FAILED)
        with self._exclusively() as session:
            row = session.get(StudyRow, study)
            if row is None or row.state not in at_rest:
                found = "unknown" if row is None else row.state
                raise WrongState(f"study {study!r} is {found}: expected one that was interrupted or failed")
            queued = session.get(QueueRow, study)
            if queued is None:
                session.add(QueueRow(study=study, **vars(submission)))
            else:
                queued.priority, queued.attempts, queued.not_before = submission.priority, 0, now()
            _set_state(session, row, StudyState.QUEUED)

    def lease(self, runner: str) -> str | None:
        """Gives a runner the study that is next, if one waits.

        The highest priority comes first, then the owner with the fewest studies at work, then the oldest submission.

        Args:
            runner: as `this_process` names it.
        """
        rival = aliased(QueueRow)
        at_work = select(func.count()).where(rival.owner == QueueRow.owner, rival.runner.is_not(None)).scalar_subquery()
        is_due = or_(QueueRow.not_before <= now(), QueueRow.not_before > now() + LONGEST_PAUSE)
        waits = (QueueRow.runner.is_(None), is_due, StudyRow.state == StudyState.QUEUED)
        query = select(QueueRow).join(StudyRow, StudyRow.name == QueueRow.study).where(*waits)
        query = query.order_by(QueueRow.priority.desc(), at_work, QueueRow.submitted, QueueRow.study).limit(1)
        with self._exclusively() as session:
            row = session.scalar(query.with_for_update(skip_locked=True, of=QueueRow))
            if row is None:
                return None
            study = row.study
            session.execute(update(QueueRow).where(QueueRow.study == study).values(_held_by(runner)))
            return study

    def beat(self, runner: str, studies: Collection[str]) -> None:
        """Says that a runner still has these studies, and lets others wait that were leased to it.

        Those it knows nothing of: word of the lease was lost with the connection, or no process could be started.
        """
        mine = QueueRow.runner == runner
        with self._exclusively() as session:
            session.execute(update(QueueRow).where(mine, QueueRow.study.in_(studies)).values(_held_by(runner)))
            unknown = select(QueueRow).where(mine, QueueRow.study.not_in(studies))
            for row in session.scalars(unknown.with_for_update()).all():
                _settle(session, row, Ending.INTERRUPTED)

    def is_leased(self, study: str) -> bool:
        """Whether a runner has a study, which may let it go on when its process has ended."""
        query = select(QueueRow.runner).where(QueueRow.study == study)
        with Session(self._engine) as session:
            return session.scalar(query) is not None

    def give_back(self, study: str, runner: str, ending: Ending) -> None:
        """Ends a lease whose process has ended; a study that ended in an error will run again.

        Args:
            study: that was leased.
            runner: by whom.
            ending: how its process ended.
        """
        with self._exclusively() as session:
            row = session.get(QueueRow, study, with_for_update=True)
            if row is not None and row.runner == runner:
                _settle(session, row, ending)

    def take_from_dead(self) -> list[str]:
        """Makes studies wait again whose runner and driver have died, and returns their names.

        Those on other machines have died when their hearts have stood still for a minute in which this was asked every
        few seconds.
        """
        query = select(QueueRow).join(StudyRow, StudyRow.name == QueueRow.study)
        query = query.where(QueueRow.runner.is_not(None) | StudyRow.driver.is_not(None))
        taken = []
        with self._exclusively() as session:
            for row in session.scalars(query.with_for_update(skip_locked=True, of=QueueRow)).all():
                study = session.get_one(StudyRow, row.study)
                holders = ((row.runner, row.heartbeat), (study.driver, study.heartbeat))
                beats = [self._pulse.beats(process, beat) for process, beat in holders if process is not None]
                if not any(beats):
                    _settle(session, row, Ending.INTERRUPTED)
                    taken.append(row.study)
        return taken

    def waiting(self) -> int:
        """How many studies wait for a runner or are at work."""
        states = (StudyState.QUEUED, StudyState.RUNNING, StudyState.STOPPING)
        query = select(func.count()).select_from(QueueRow).join(StudyRow, StudyRow.name == QueueRow.study)
        with Session(self._engine) as session:
            return session.scalar(query.where(StudyRow.state.in_(states))) or 0

    def figures(self) -> QueueFigures:
        """How busy it is."""
        oldest = select(func.min(QueueRow.submitted)).join(StudyRow, StudyRow.name == QueueRow.study)
        with Session(self._engine) as session:
            runners = session.scalar(select(func.count(QueueRow.runner.distinct())))
            submitted = session.scalar(oldest.where(StudyRow.state == StudyState.QUEUED))
        return QueueFigures(runners or 0, 0.0 if submitted is None else max(0.0, (now() - submitted).total_seconds()))

    @contextmanager
    def _exclusively(self) -> Iterator[Session]:
        """A transaction; SQLite, which locks no rows, takes the whole database for its few milliseconds."""
        with self._engine.connect() as connection, Session(connection) as session:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield session
            session.commit()
            connection.commit()


def _held_by(runner: str) -> dict[str, Any]:
    return {"runner": runner, "heartbeat": database_now()}


def _settle(session: Session, row: QueueRow, ending: Ending) -> None:
    """Frees a study that no process holds any more, and sees to it that it goes on where it should.

    Args:
        session: within a transaction.
        row: of the study.
        ending: how its process ended.
    """
    study = session.get_one(StudyRow, row.study, with_for_update=True, populate_existing=True)
    row.runner = row.heartbeat = study.driver = study.heartbeat = None
    broke = study.state == StudyState.FAILED and session.get(VerdictRow, row.study) is None
    died = study.state in (StudyState.QUEUED, StudyState.RUNNING)
    if study.state == StudyState.STOPPING:
        _set_state(session, study, StudyState.INTERRUPTED)
    elif ending is Ending.OUTAGE and (broke or died):
        row.not_before = now() + OUTAGE_PAUSE
        _set_state(session, study, StudyState.QUEUED)
    elif broke or (died and ending is Ending.ITS_OWN):
        row.attempts = 1 if _went_on(session, row) else row.attempts + 1
        row.not_before = now() + FIRST_PAUSE * 2 ** (row.attempts - 1)
        _set_state(session, study, StudyState.QUEUED if row.attempts < MOST_ATTEMPTS else StudyState.FAILED)
    elif died or (study.state == StudyState.INTERRUPTED and ending is Ending.INTERRUPTED):
        _set_state(session, study, StudyState.QUEUED)


def _went_on(session: Session, row: QueueRow) -> bool:
    """Whether a trial has ended since the study failed before."""
    ended = select(EventRow.number).where(EventRow.study == row.study, EventRow.trial.is_not(None))
    return session.scalar(ended.where(EventRow.created > row.not_before).limit(1)) is not None


def _set_state(session: Session, study: StudyRow, state: StudyState) -> None:
    if study.state != state:
        study.state = state
        session.flush()
        append(session, study.name, "state", {"state": state})
