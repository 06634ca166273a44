"""EventStore: what happened in a study, numbered, so that whoever follows it can go on where he stopped."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, aliased

from search.storage.database import Database
from search.storage.tables import EventRow, StudyRow, now


@dataclass(frozen=True)
class Event:
    """Something that happened in a study.

    Attributes:
        number: 1 for the first of the study, without a gap.
        kind: `state`, `phase`, `trial` or `verdict`.
        data: what is told of it.
        created: when, in UTC.
    """

    number: int
    kind: str
    data: dict[str, Any]
    created: datetime


class EventStore:
    """Reads and appends to the events of studies."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def append(self, study: str, kind: str, data: dict[str, Any], trial: int | None = None) -> None:
        """Enters what has just happened; the end of a trial once, however often it is told."""
        with Session(self._engine) as session, session.begin():
            # whoever appends holds the study's row, so numbers appear in their order
            session.execute(select(StudyRow.name).where(StudyRow.name == study).with_for_update())
            entered = select(EventRow.number).where(EventRow.study == study, EventRow.trial == trial)
            if trial is None or session.scalar(entered) is None:
                append(session, study, kind, data, trial)

    def after(self, study: str, number: int, limit: int = 1000) -> list[Event]:
        """The events that follow one, at most so many; from the first on after 0."""
        query = select(EventRow).where(EventRow.study == study, EventRow.number > number)
        with Session(self._engine) as session:
            rows = session.scalars(query.order_by(EventRow.number).limit(limit))
            return [Event(row.number, row.kind, row.data, row.created) for row in rows]

    def latest(self, kind: str, studies: Collection[str]) -> dict[str, Event]:
        """The last event of a kind in each of these studies that has one, by the study's name."""
        other = aliased(EventRow)
        last = select(func.max(other.number)).where(other.study == StudyRow.name, other.kind == kind).scalar_subquery()
        query = select(EventRow).join(StudyRow, (EventRow.study == StudyRow.name) & (EventRow.number == last))
        with Session(self._engine) as session:
            rows = session.scalars(query.where(StudyRow.name.in_(studies)))
            return {row.study: Event(row.number, row.kind, row.data, row.created) for row in rows}

    def trials(self, study: str) -> set[int]:
        """Numbers of the trials whose end is entered."""
        query = select(EventRow.trial).where(EventRow.study == study, EventRow.trial.is_not(None))
        with Session(self._engine) as session:
            return {number for number in session.scalars(query) if number is not None}


def append(session: Session, study: str, kind: str, data: dict[str, Any], trial: int | None = None) -> None:
    """Enters an event within a transaction that holds the study's row."""
    last = select(func.coalesce(func.max(EventRow.number), 0)).where(EventRow.study == study).scalar_subquery()
    values = {"study": study, "number": last + 1, "kind": kind, "trial": trial, "data": data, "created": now()}
    session.execute(insert(EventRow).values(values))
