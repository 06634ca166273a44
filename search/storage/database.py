"""The database: one SQLAlchemy engine for our tables, Optuna's storage for trials, both on the same URL."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import optuna
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from search.settings import without_password
from search.storage.optuna_storage import OptunaStorage
from search.storage.outage import is_outage
from search.storage.schema import bring_up_to_date
from spaces.errors import InvalidInput, Unavailable

LOCK_SECONDS = 10.0
"""How long a database that another process is changing is waited for."""


class Database:
    """Opens the database and brings our tables up to date.

    Args:
        url: SQLAlchemy URL, e.g. `sqlite:////home/me/.penchant/penchant.db` or `postgresql+psycopg://user@host/name`.

    Raises:
        InvalidInput: the URL is malformed, or a later version of this program wrote there.
        Unavailable: nothing answers there.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._optuna_storage: OptunaStorage | None = None
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = create_engine(parsed, pool_pre_ping=True)  # the database may have been restarted
            make_sqlite_fast(self.engine)
            bring_up_to_date(self.engine)
        except InvalidInput as error:
            raise InvalidInput(f"storage {without_password(url)}: {error}") from error
        except (SQLAlchemyError, ModuleNotFoundError, OSError) as error:
            first_line = str(error).strip().splitlines()[0]
            kind = Unavailable if is_outage(error) else InvalidInput
            raise kind(f"storage {without_password(url)}: cannot be opened ({first_line})") from error

    def optuna_storage(self) -> OptunaStorage:
        """Optuna's storage on the same database, opened once.

        Raises:
            InvalidInput: the database holds tables of another program in its place.
        """
        if self._optuna_storage is None:
            optuna.logging.set_verbosity(optuna.logging.WARNING)  # importing it sets its own level
            try:
                self._optuna_storage = OptunaStorage(self.url, {"pool_pre_ping": True})
            except (RuntimeError, SQLAlchemyError) as error:
                reason = str(error).strip().splitlines()[0]
                where = f"storage {without_password(self.url)}"
                if is_outage(error):
                    raise Unavailable(f"{where}: cannot be opened ({reason})") from error
                raise InvalidInput(f"{where}: not for Optuna's tables ({reason})") from error
            make_sqlite_fast(self._optuna_storage.engine)
        return self._optuna_storage


def make_sqlite_fast(engine: Engine) -> None:
    """Write-ahead logging, flushed at checkpoints: 45 ms a trial instead of 517, and readers never wait."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        _log_ahead(cursor)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    engine.dispose()  # connections opened before know nothing of it


def keep_log_ahead(url: str) -> None:
    """Sets a SQLite database of another program's to write-ahead logging, which it keeps: half as many flushes."""
    if url.startswith("sqlite"):
        engine = create_engine(url)
        make_sqlite_fast(engine)
        engine.connect().close()
        engine.dispose()


def _log_ahead(cursor: sqlite3.Cursor) -> None:
    """SQLite waits for locks of its own accord, but not for that of a connection that changes the same mode."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
