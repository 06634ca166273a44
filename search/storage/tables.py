"""Our tables; their names begin with `penchant_`, since Optuna's live beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.functions import FunctionElement


def now() -> datetime:
    """The time, in UTC without a zone, as both databases keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


class database_now(FunctionElement[datetime]):  # noqa: N801  it reads as the SQL function that it is
    """The same by the database's clock, on which all processes agree."""

    type = DateTime()
    inherit_cache = True


@compiles(database_now, "sqlite")
def _sqlite_now(*_: Any, **__: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f', 'now')"


@compiles(database_now, "postgresql")
def _postgresql_now(*_: Any, **__: Any) -> str:
    return "timezone('utc', clock_timestamp())"


class Base(DeclarativeBase):
    """All tables of ours."""


class StudyRow(Base):
    """A study: what was asked for and where it stands.

    `driver` names the process that runs it, as `host:pid:start`; `heartbeat` is when it last said so.
    """

    __tablename__ = "penchant_studies"
    __table_args__ = (Index("ix_penchant_studies_created", "created", "name"),)

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20), index=True)
    created: Mapped[datetime] = mapped_column(default=now)
    seconds: Mapped[float] = mapped_column(default=0.0)
    driver: Mapped[str | None] = mapped_column(String(200))
    heartbeat: Mapped[datetime | None]


class VerdictRow(Base):
    """The verdict a study ended in, as the JSON document that users read."""

    __tablename__ = "penchant_verdicts"

    study: Mapped[str] = mapped_column(ForeignKey("penchant_studies.name"), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(default=now)


class LedgerRow(Base):
    """What a study that has ended leaves for others: `entry` is a `search.studied_set.StudiedSet`.

    Families are told by its verdict. `modality` and `task` are those of the data, by which sets are comparable.
    """

    __tablename__ = "penchant_ledger"
    __table_args__ = (Index("ix_penchant_ledger_comparable", "modality", "task"),)

    study: Mapped[str] = mapped_column(ForeignKey("penchant_studies.name"), primary_key=True)
    modality: Mapped[str] = mapped_column(String(20))
    task: Mapped[str] = mapped_column(String(20))
    entry: Mapped[dict[str, Any]] = mapped_column(JSON)


class QueueRow(Base):
    """A study that runners are to run: whose it is, how urgent, and which runner has it.

    `runner` names the process that leased it, as `host:pid:start`; `heartbeat` is when it last said so. `attempts`
    counts the runs that ended in an error, `not_before` is when the next may begin. `key` and `digest` tell a
    submission that is sent again from a new one.
    """

    __tablename__ = "penchant_queue"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    study: Mapped[str] = mapped_column(ForeignKey("penchant_studies.name"), primary_key=True)
    owner: Mapped[str] = mapped_column(String(100))
    priority: Mapped[int] = mapped_column(default=0)
    submitted: Mapped[datetime] = mapped_column(default=now)
    runner: Mapped[str | None] = mapped_column(String(200), index=True)
    heartbeat: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(default=now)
    key: Mapped[str | None] = mapped_column(String(200))
    digest: Mapped[str | None] = mapped_column(String(64))


class EventRow(Base):
    """Something that happened in a study; numbered from 1 without a gap, in the order in which it can be read.

    `trial` is the number of the trial that ended, where that is what happened: each ends once.
    """

    __tablename__ = "penchant_events"
    __table_args__ = (
        UniqueConstraint("study", "trial"),
        Index("ix_penchant_events_kind", "study", "kind", "number"),
    )

    study: Mapped[str] = mapped_column(ForeignKey("penchant_studies.name"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    trial: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(default=now)


class TokenRow(Base):
    """A token of the service; of its secret nothing but a hash is kept."""

    __tablename__ = "penchant_tokens"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    owner: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(10))
    hash: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
