"""The two kinds of database that studies are recorded in."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.storage.database import Database
from tests.end_to_end.postgres_image import PostgresImage, postgres_owner, postgres_programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes a new database in a real PostgreSQL, which listens on a socket alone, and returns its URL."""
    folder = Path(tempfile.mkdtemp(prefix="penchant-", dir="/tmp"))
    folder.chmod(0o711)
    owner = postgres_owner()
    login = {"POSTGRES_USER": "penchant", "POSTGRES_PASSWORD": "secret"}
    image = PostgresImage(folder / "postgres", owner, login, 5432, postgres_programs(folder))
    image.initialize([])
    options = "-c listen_addresses='' -c fsync=off"

    def control(*command: str) -> None:
        subprocess.run(
            ["pg_ctl", "--wait", "--silent", *command],
            env=image.environment,
            cwd=folder / "postgres",
            check=True,
            stdout=subprocess.DEVNULL,
            user=owner.user,
            group=owner.group,
            extra_groups=None if owner.user is None else [],
        )

    def database() -> str:
        name = f"d{uuid.uuid4().hex}"
        socket = str(folder / "postgres")
        login = [f"--host={socket}", "--username=penchant", "--dbname=penchant"]
        subprocess.run(["psql", *login, "-qc", f"CREATE DATABASE {name}"], env=image.environment, check=True)
        return f"postgresql+psycopg://penchant@/{name}?host={socket}"

    control("--log=/dev/null", f"--options={options}", "start")
    yield database
    control("--mode=immediate", "stop")
    shutil.rmtree(folder, ignore_errors=os.geteuid() == 0)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of either kind."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'studies.db'}" if sqlite else request.getfixturevalue("postgres")()
    database = Database(url)
    yield database
    database.engine.dispose()
