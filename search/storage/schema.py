"""The schema of our tables: which version a database has, and how it gets to the newest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from search.storage.migrations import LATEST, VERSION_TABLE
from spaces.errors import InvalidInput

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x70656E63  # "penc": of PostgreSQL's advisory locks


def bring_up_to_date(engine: Engine) -> None:
    """Creates the tables, or changes those of an earlier version; all of it happens, or nothing.

    Of processes that open a database at the same time one does it and the others wait.

    Raises:
        InvalidInput: a later version of this program has written the database.
    """
    with engine.connect() as connection:
        if _version(connection) == LATEST:  # as it nearly always is: a look, and no lock
            return
    with _alone(engine) as connection:
        found = _version(connection)
        if found is not None and int(found) > int(LATEST):
            raise InvalidInput(f"found schema {found} of a later version, expected {LATEST} at most: update Penchant")
        _upgrade(connection)


def _version(connection: Connection) -> str | None:
    """None where there are no tables yet, or those of a version without a number."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other process has at the same time."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection
        connection.commit()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # wanted once in the life of a database
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
