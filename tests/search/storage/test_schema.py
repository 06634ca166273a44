"""Databases of every earlier version open with all that was recorded; `schemas/` holds a dump of each with a study."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from search import Study
from search.storage.database import Database
from search.storage.migrations import LATEST, VERSION_TABLE
from search.storage.schema import FOLDER
from search.storage.studies import StudyStore
from search.storage.tables import Base
from tests.search.storage.specification import SPECIFICATION

DUMPS = sorted((Path(__file__).parent / "schemas").glob("v*.sql"))


@pytest.fixture
def path(home) -> Path:
    home.mkdir()
    return home / "penchant.db"


def restored(dump: Path, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()


def version(database: Database) -> str:
    with database.engine.connect() as connection:
        return connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))


def differences(database: Database) -> list:
    """What the tables in the database lack or have too much, by Alembic's own comparison."""
    names = set(Base.metadata.tables)

    def is_ours(name, kind, parents):
        return kind != "table" or name in names

    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_name": is_ours, "version_table": VERSION_TABLE}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)


def test_a_new_database_has_the_tables_that_the_code_knows(either):
    """The scripts and `search.storage.tables` describe one schema; the newest script is the one named latest."""
    assert differences(either) == []
    assert version(either) == LATEST
    assert ScriptDirectory(str(FOLDER)).get_current_head() == LATEST


def test_the_comparison_finds_what_is_missing(path):
    """The test above can fail."""
    database = Database(f"sqlite:///{path}")
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE penchant_studies DROP COLUMN heartbeat"))
    assert differences(database)


def test_every_earlier_version_has_a_dump():
    """Whoever adds a version adds a dump of the one before."""
    assert {int(dump.stem[1:]) for dump in DUMPS} >= set(range(1, int(LATEST)))


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_a_database_of_an_earlier_version_opens_with_its_study(dump, path):
    """It gets the newest schema; verdict and trials are what they were."""
    restored(dump, path)
    study = Study.load("old")
    assert version(study._database) == LATEST
    assert differences(study._database) == []
    assert study.state == "finished"
    assert study.verdict().winner_set == ("convolution",)
    assert study.trials_by_phase() == {"landmarks": 1, "census": 1, "adaptive": 1, "confirmation": 1}
    assert StudyStore(study._database).create(SPECIFICATION, None, "old") == "old-2"


def test_a_database_of_a_later_version_is_refused_in_one_line(path, penchant):
    """Exit code 2, and nothing in it is touched."""
    database = Database(f"sqlite:///{path}")
    with database.engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '999'"))
    code, out, err = penchant("list")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert f"found schema 999 of a later version, expected {LATEST} at most: update Penchant" in err


def test_a_change_that_fails_half_way_leaves_everything_as_it_was(path, monkeypatch):
    """All of it happens or nothing; the next attempt succeeds."""
    restored(DUMPS[0], path)
    with monkeypatch.context() as patch:
        patch.setattr("search.storage.schema._upgrade", half_way)
        with pytest.raises(RuntimeError, match="power cut"):
            Database(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert "penchant_queue" not in tables
    assert Study.load("old").verdict().dataset == "blobs"


def half_way(connection) -> None:
    connection.execute(text("CREATE TABLE penchant_queue (study VARCHAR)"))
    connection.execute(text("DELETE FROM penchant_verdicts"))
    raise RuntimeError("power cut")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_those_that_open_at_once_one_changes_the_database(kind, path, request):
    """The others wait and find it done."""
    if kind == "sqlite":
        restored(DUMPS[0], path)
    url = f"sqlite:///{path}" if kind == "sqlite" else request.getfixturevalue("postgres")()
    opened = []

    def open_it():
        database = Database(url)
        opened.append(version(database))
        database.engine.dispose()

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [LATEST] * 6  # a thread that fails is missing, and pytest tells why
