"""PostgreSQL as a process of a drill's own, which can be restarted and stopped."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.postgres_image import PostgresImage, postgres_owner, postgres_programs


class Postgres:
    """A database cluster that listens on a socket.

    Args:
        folder: that will hold it; reachable for everybody.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._owner = folder / "postgres", postgres_owner()
        login = {"POSTGRES_USER": "penchant", "POSTGRES_PASSWORD": "secret"}
        self._image = PostgresImage(self._folder, self._owner, login, 5432, postgres_programs(folder))
        self._image.initialize([])

    def database(self, name: str) -> str:
        """Makes a database and returns its URL."""
        where = [f"--host={self._folder}", "--username=penchant", "--dbname=penchant"]
        subprocess.run(["psql", *where, "-qc", f"CREATE DATABASE {name}"], env=self._image.environment, check=True)
        return f"postgresql+psycopg://penchant@/{name}?host={self._folder}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self._control("--log=/dev/null", "--options=-c listen_addresses=''", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stops it: `fast` breaks its connections off, `immediate` is a crash."""
        self._control(f"--mode={mode}", "stop")

    def _control(self, *command: str) -> None:
        owner = self._owner
        subprocess.run(
            ["pg_ctl", "--wait", "--silent", *command],
            env=self._image.environment,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            check=True,
            user=owner.user,
            group=owner.group,
            extra_groups=None if owner.user is None else [],
        )


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL that runs."""
    folder.mkdir(mode=0o711)
    running = Postgres(folder)
    running.start()
    try:
        yield running
    finally:
        running.stop("immediate")
