"""StudyStore: studies, who drives them, and their verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from search.specification import Specification
from search.storage.database import Database
from search.storage.events import append
from search.storage.fence import TakenOver
from search.storage.ledger import enter
from search.storage.liveness import is_alive, this_process
from search.storage.tables import EventRow, LedgerRow, QueueRow, StudyRow, VerdictRow, database_now, now
from search.studied_set import StudiedSet
from spaces.errors import InvalidInput


class UnknownStudy(InvalidInput):
    """No study of a name is recorded."""


class WrongState(InvalidInput):
    """What is asked of a study does not fit where it stands."""


class StudyState(StrEnum):
    """Where a study stands."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True)
class Submission:
    """How a study enters the queue.

    Attributes:
        owner: whose it is; owners share runners evenly.
        priority: the highest runs first.
        key: what the owner calls the submission, so that it may be sent again, and
        digest: of what was sent under it.
    """

    owner: str
    priority: int = 0
    key: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class StudySummary:
    """A line of a list of studies.

    Attributes:
        name: of the study.
        state: where it stands.
        asked: what it was asked to do, which never changes.
        created: when, in UTC.
        seconds: wall-clock time it has run.
        owner: who submitted it; None where nobody did.
        sentence: of its verdict, and
        winner: the family that wins, both where there is one.
    """

    name: str
    state: str
    asked: dict[str, Any] = field(compare=False)
    created: datetime
    seconds: float
    owner: str | None
    sentence: str | None
    winner: str | None


_SUMMARIES = (
    select(
        StudyRow.name,
        StudyRow.state,
        StudyRow.spec,
        StudyRow.created,
        StudyRow.seconds,
        QueueRow.owner,
        VerdictRow.document["sentence"].as_string(),
        VerdictRow.document["winner"].as_string(),
    )
    .outerjoin(QueueRow, QueueRow.study == StudyRow.name)
    .outerjoin(VerdictRow, VerdictRow.study == StudyRow.name)
)


class StudyStore:
    """Reads and writes our tables."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def create(
        self, specification: Specification, name: str | None, stem: str, submission: Submission | None = None
    ) -> str:
        """Enters a study and returns its name: the given one, or `stem`, `stem-2`, … whichever is free.

        Args:
            specification: what it is asked to do.
            name: of the study.
            stem: of its name where none is given.
            submission: makes it wait for a runner.

        Raises:
            WrongState: the given name is taken.
        """
        number = 1
        while True:
            candidate = name or (stem if number == 1 else f"{stem}-{number}")
            try:
                self._enter(candidate, specification, submission)
                return candidate
            except IntegrityError:
                if submission is not None and (earlier := self.submitted(submission)) is not None:
                    return earlier
                if name is not None:
                    raise WrongState(self._taken(name)) from None
                number += 1

    def _enter(self, name: str, specification: Specification, submission: Submission | None) -> None:
        state = StudyState.CREATED if submission is None else StudyState.QUEUED
        with Session(self._engine) as session, session.begin():
            session.add(StudyRow(name=name, spec=specification.model_dump(mode="json"), state=state))
            session.flush()
            if submission is not None:
                session.add(QueueRow(study=name, **vars(submission)))
            append(session, name, "state", {"state": state})

    def submitted(self, submission: Submission) -> str | None:
        """The study that its owner submitted under the same key before.

        Raises:
            WrongState: something else was sent under that key.
        """
        if submission.key is None:
            return None
        query = select(QueueRow).where(QueueRow.owner == submission.owner, QueueRow.key == submission.key)
        with Session(self._engine) as session:
            row = session.scalar(query)
        if row is None:
            return None
        if row.digest != submission.digest:
            raise WrongState(
                f"idempotency key {submission.key!r} was used for study {row.study!r}, which was submitted with "
                "other words; expected a new key"
            )
        return row.study

    def get(self, name: str) -> StudyRow:
        """The row of a study, detached.

        Raises:
            UnknownStudy: there is none of this name.
        """
        with Session(self._engine, expire_on_commit=False) as session:
            row = session.get(StudyRow, name)
        if row is None:
            known = ", ".join(study.name for study in self.all()) or "none yet"
            raise UnknownStudy(f"unknown study {name!r}: expected one of those recorded here ({known})")
        return row

    def all(self) -> list[StudyRow]:
        """All studies, oldest first."""
        with Session(self._engine, expire_on_commit=False) as session:
            return list(session.scalars(select(StudyRow).order_by(StudyRow.created, StudyRow.name)))

    def claim(self, name: str) -> None:
        """Makes this process the study's driver.

        Raises:
            InvalidInput: another living process drives it, or it is about to stop.
        """
        row = self.get(name)
        if row.driver is not None and row.driver != this_process() and self._is_alive(row.driver, row.heartbeat):
            raise InvalidInput(f"study {name!r} is being run by {row.driver}: wait for it, or stop it first")
        if row.driver is None and row.state == StudyState.STOPPING:
            raise InvalidInput(f"study {name!r} is about to stop: wait until it has")
        mine = {"driver": this_process(), "heartbeat": database_now(), "state": StudyState.RUNNING}
        # what was read above is part of the condition, so that of two processes that claim at once one succeeds
        unchanged = StudyRow.driver.is_(None) if row.driver is None else StudyRow.driver == row.driver
        if not self._change((StudyRow.name == name) & unchanged & (StudyRow.state == row.state), name, **mine):
            raise InvalidInput(f"study {name!r} was just taken by another process: wait for it, or stop it first")

    def beat(self, name: str, seconds: float) -> StudyState | None:
        """Says that this process still drives the study, which has run for so many seconds.

        Returns:
            The state that others want it in; None where it has another driver now.
        """
        is_driver = self._set_as_driver(name, heartbeat=database_now(), seconds=seconds)
        return StudyState(self.get(name).state) if is_driver else None

    def release(self, name: str, state: StudyState, seconds: float) -> None:
        """Gives the study up in this state, if this process still drives it."""
        self._set_as_driver(name, state=state, seconds=seconds, driver=None, heartbeat=None)

    def stop(self, name: str) -> StudyState:
        """Asks whoever drives the study to stop, or takes it from the queue; it keeps all that it recorded.

        Returns:
            The state it is in then: `stopping` until its driver has heard of it.

        Raises:
            WrongState: it does not run.
        """
        while True:
            row = self.get(name)
            if row.state == StudyState.STOPPING and self._is_at_work(row):
                return StudyState.STOPPING
            if row.state not in (StudyState.QUEUED, StudyState.RUNNING, StudyState.STOPPING):
                raise WrongState(f"study {name!r} is {row.state}: expected one that is queued or running")
            state = StudyState.STOPPING if self._is_at_work(row) else StudyState.INTERRUPTED
            driver = {} if state is StudyState.STOPPING else {"driver": None, "heartbeat": None}
            if self._change((StudyRow.name == name) & (StudyRow.state == row.state), name, state=state, **driver):
                return state

    def _is_at_work(self, row: StudyRow) -> bool:
        """Whether a process drives the study or is about to."""
        with Session(self._engine) as session:
            queued = session.get(QueueRow, row.name)
        holders = [(row.driver, row.heartbeat), (queued.runner, queued.heartbeat) if queued else (None, None)]
        return any(process is not None and self._is_alive(process, heartbeat) for process, heartbeat in holders)

    def _is_alive(self, process: str, heartbeat: datetime | None) -> bool:
        with self._engine.connect() as connection:
            return is_alive(process, heartbeat, connection.execute(select(database_now())).scalar_one())

    def delete(self, name: str) -> None:
        """Removes a study from our tables.

        Raises:
            WrongState: it runs or waits for a runner.
        """
        row = self.get(name)
        with Session(self._engine) as session, session.begin():
            for table in (QueueRow, EventRow, VerdictRow, LedgerRow):
                session.execute(delete(table).where(table.study == name))
            at_rest = StudyRow.state.not_in((StudyState.QUEUED, StudyState.RUNNING, StudyState.STOPPING))
            gone = session.execute(delete(StudyRow).where(StudyRow.name == name, at_rest))
            if gone.rowcount != 1:  # type: ignore[attr-defined]
                raise WrongState(f"study {name!r} is {row.state}: expected one that was stopped first")

    def summaries(
        self, state: str | None = None, after: str | None = None, limit: int = 50
    ) -> tuple[list[StudySummary], bool]:
        """Studies, newest first.

        Args:
            state: of those wanted; all by default.
            after: name of the study that the list goes on after.
            limit: how many at most.

        Returns:
            The studies, and whether there are more.

        Raises:
            UnknownStudy: there is none to go on after.
        """
        query = _SUMMARIES
        if state is not None:
            query = query.where(StudyRow.state == state)
        if after is not None:
            last = self.get(after)
            query = query.where(tuple_(StudyRow.created, StudyRow.name) < (last.created, last.name))
        query = query.order_by(StudyRow.created.desc(), StudyRow.name.desc()).limit(limit + 1)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [StudySummary(*row) for row in rows[:limit]], len(rows) > limit

    def summary(self, name: str) -> StudySummary:
        """One study as a line of a list.

        Raises:
            UnknownStudy: there is none of this name.
        """
        with self._engine.connect() as connection:
            row = connection.execute(_SUMMARIES.where(StudyRow.name == name)).one_or_none()
        if row is None:
            raise UnknownStudy(f"unknown study {name!r}")
        return StudySummary(*row)

    def owner(self, name: str) -> str | None:
        """Who submitted a study; None where nobody did."""
        with Session(self._engine) as session:
            row = session.get(QueueRow, name)
            return None if row is None else row.owner

    def counts(self) -> dict[str, int]:
        """How many studies are in each state."""
        query = select(StudyRow.state, func.count()).group_by(StudyRow.state)
        with self._engine.connect() as connection:
            found = {row[0]: row[1] for row in connection.execute(query)}
        return {state.value: found.get(state, 0) for state in StudyState}

    def save_verdict(self, name: str, document: dict[str, Any], learnt: StudiedSet | None = None) -> None:
        """Records the verdict, in place of an earlier one, and what other studies may learn from this one.

        Raises:
            TakenOver: another process drives the study now.
        """
        with Session(self._engine) as session, session.begin():
            row = session.get(StudyRow, name, with_for_update=True)
            if row is not None and row.driver not in (None, this_process()):
                raise TakenOver(name)
            session.merge(VerdictRow(study=name, document=document, created=now()))
            if learnt is not None:
                enter(session, learnt)

    def verdict(self, name: str) -> dict[str, Any] | None:
        """The recorded verdict."""
        with Session(self._engine) as session:
            row = session.get(VerdictRow, name)
            return None if row is None else row.document

    def _set_as_driver(self, name: str, **values: Any) -> bool:
        mine = (StudyRow.name == name) & (StudyRow.driver == this_process())
        return self._change(mine, name, **values)

    def _change(self, condition: ColumnElement[bool], name: str, **values: Any) -> bool:
        """Changes a study if the condition holds, tells of its new state if it has one; whether it did."""
        with Session(self._engine) as session, session.begin():
            changed = session.execute(update(StudyRow).where(condition).values(values))
            if changed.rowcount != 1:  # type: ignore[attr-defined]
                return False
            if "state" in values:
                append(session, name, "state", {"state": values["state"]})
            return True

    def _taken(self, name: str) -> str:
        state = self.get(name).state
        return f"name: a study {name!r} exists already ({state}); expected another name, or: penchant resume {name}"
