"""Our tables; their names begin with `penchant_`, since Optuna's live beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def now() -> datetime:
    """The time, in UTC without a zone, as both databases keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    """All tables of ours."""


class StudyRow(Base):
    """A study: what was asked for and where it stands.

    `driver` names the process that runs it, as `host:pid:start`; `heartbeat` is when it last said so.
    """

    __tablename__ = "penchant_studies"

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
