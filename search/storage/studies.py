"""StudyStore: studies, who drives them, and their verdicts."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from enum import StrEnum
from typing import Any

import psutil
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from search.specification import Specification
from search.storage.database import Database
from search.storage.tables import StudyRow, VerdictRow, now
from spaces.errors import InvalidInput

HEARTBEAT_SECONDS = 5.0
STALE_AFTER = timedelta(seconds=60)
"""A driver on another machine that was silent for so long is taken for dead."""


class StudyState(StrEnum):
    """Where a study stands."""

    CREATED = "created"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    FAILED = "failed"


class StudyStore:
    """Reads and writes our tables."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def create(self, specification: Specification, name: str | None, stem: str) -> str:
        """Enters a study and returns its name: the given one, or `stem`, `stem-2`, … whichever is free.

        Raises:
            InvalidInput: the given name is taken.
        """
        number = 1
        while True:
            candidate = name or (stem if number == 1 else f"{stem}-{number}")
            try:
                with Session(self._engine) as session, session.begin():
                    row = StudyRow(name=candidate, spec=specification.model_dump(mode="json"), state=StudyState.CREATED)
                    session.add(row)
                return candidate
            except IntegrityError:
                if name is not None:
                    raise InvalidInput(self._taken(name)) from None
                number += 1

    def get(self, name: str) -> StudyRow:
        """The row of a study, detached.

        Raises:
            InvalidInput: there is none of this name.
        """
        with Session(self._engine, expire_on_commit=False) as session:
            row = session.get(StudyRow, name)
        if row is None:
            known = ", ".join(study.name for study in self.all()) or "none yet"
            raise InvalidInput(f"unknown study {name!r}: expected one of those recorded here ({known})")
        return row

    def all(self) -> list[StudyRow]:
        """All studies, oldest first."""
        with Session(self._engine, expire_on_commit=False) as session:
            return list(session.scalars(select(StudyRow).order_by(StudyRow.created, StudyRow.name)))

    def claim(self, name: str) -> None:
        """Makes this process the study's driver.

        Raises:
            InvalidInput: another living process drives it.
        """
        row = self.get(name)
        if row.driver is not None and row.driver != this_process() and _is_alive(row):
            raise InvalidInput(f"study {name!r} is being run by {row.driver}: wait for it, or stop it first")
        mine = {"driver": this_process(), "heartbeat": now(), "state": StudyState.RUNNING}
        # the driver read above is part of the condition, so that of two processes that claim at once one succeeds
        unchanged = StudyRow.driver.is_(None) if row.driver is None else StudyRow.driver == row.driver
        with self._engine.begin() as connection:
            claimed = connection.execute(update(StudyRow).where(StudyRow.name == name, unchanged).values(mine))
        if claimed.rowcount != 1:
            raise InvalidInput(f"study {name!r} was just taken by another process: wait for it, or stop it first")

    def beat(self, name: str, seconds: float) -> bool:
        """Says that this process still drives the study, which has run for so many seconds; whether it does."""
        return self._set_as_driver(name, heartbeat=now(), seconds=seconds)

    def release(self, name: str, state: StudyState, seconds: float) -> None:
        """Gives the study up in this state, if this process still drives it."""
        self._set_as_driver(name, state=state, seconds=seconds, driver=None, heartbeat=None)

    def save_verdict(self, name: str, document: dict[str, Any]) -> None:
        """Records the verdict, in place of an earlier one."""
        with Session(self._engine) as session, session.begin():
            session.merge(VerdictRow(study=name, document=document, created=now()))

    def verdict(self, name: str) -> dict[str, Any] | None:
        """The recorded verdict."""
        with Session(self._engine) as session:
            row = session.get(VerdictRow, name)
            return None if row is None else row.document

    def _set_as_driver(self, name: str, **values: Any) -> bool:
        mine = (StudyRow.name == name) & (StudyRow.driver == this_process())
        with self._engine.begin() as connection:
            return connection.execute(update(StudyRow).where(mine).values(values)).rowcount == 1

    def _taken(self, name: str) -> str:
        state = self.get(name).state
        return f"name: a study {name!r} exists already ({state}); expected another name, or: penchant resume {name}"


def this_process() -> str:
    """This process as `host:pid:start`; the start tells it from a later one with the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.0f}"


def _is_alive(row: StudyRow) -> bool:
    assert row.driver is not None
    host, pid, start = row.driver.rsplit(":", 2)
    if host != socket.gethostname():
        return row.heartbeat is not None and now() - row.heartbeat < STALE_AFTER
    try:
        return f"{psutil.Process(int(pid)).create_time():.0f}" == start
    except psutil.NoSuchProcess:
        return False
