"""Fence: a driver that was cut off writes nothing more into a study that another process drives by then."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, event, select

from search.storage.liveness import this_process
from search.storage.tables import StudyRow
from spaces.errors import Unavailable


class TakenOver(Unavailable):
    """The study has another driver now; what this one did since it was cut off is for nothing."""

    def __init__(self, study: str) -> None:
        super().__init__(f"study {study!r} was taken over by another process while this one was silent")


class Fence:
    """Inside the block every transaction of an engine is committed only while this process drives the study.

    A driver learns from its heartbeat that it was taken over, but seconds later, and what waited to be written while
    the database was out of its reach would come before. So each transaction reads who drives the study before its end,
    and holds that row until then: whoever takes the study over waits for that moment, and reads all or nothing of it.

    Args:
        engine: of the trials.
        study: that this process drives.
    """

    def __init__(self, engine: Engine, study: str) -> None:
        self._engine = engine
        self._study = study
        # PostgreSQL holds the row; in SQLite nobody else writes between the first write of a transaction and its end
        self._driver = select(StudyRow.driver).where(StudyRow.name == study).with_for_update(read=True)

    def __enter__(self) -> Self:
        event.listen(self._engine, "commit", self._check)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        event.remove(self._engine, "commit", self._check)

    def _check(self, connection: Connection) -> None:
        if connection.execute(self._driver).scalar_one_or_none() != this_process():
            raise TakenOver(self._study)
