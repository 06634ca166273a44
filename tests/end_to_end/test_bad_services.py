"""Services that are not there: found out before a study is created."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from search.study import Study
from spaces import InvalidInput

NOBODY = "127.0.0.1:1"  # nothing listens on port 1


def recorded_studies(home: Path) -> int:
    """Studies in the embedded database; none where there is no database yet."""
    path = home / "penchant.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM penchant_studies").fetchone()[0]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--storage", f"postgresql+psycopg://nobody:secret@{NOBODY}/none"),
        ("--tracking-uri", f"http://{NOBODY}"),
        ("--address", NOBODY),
    ],
)
def test_a_service_that_is_not_there_is_wrong_input(penchant, option: str, value: str, home: Path):
    """Exit code 2 and one line that names the address but no password; nothing is created."""
    code, output, error = penchant("run", "digits", option, value)
    assert (code, output) == (2, "")
    (line,) = error.splitlines()
    assert line.startswith("penchant: ")
    assert NOBODY in line
    assert "secret" not in line
    assert recorded_studies(home) == 0


@pytest.mark.parametrize("address", ["ray://127.0.0.1:10001", "auto", "127.0.0.1", ":6379", "127.0.0.1:ray", "a:99999"])
def test_an_address_that_is_none_is_wrong_input(address: str, home: Path):
    """A cluster is named as host:port; whatever else Ray understands is refused, with a line that says so."""
    with pytest.raises(InvalidInput, match=r"--address .*expected host:port of a running Ray cluster"):
        Study.create("digits", address=address)
    assert recorded_studies(home) == 0


def test_a_study_whose_cluster_is_gone_stays_as_it_was(home: Path):
    """Going on without the cluster says so at once and leaves the study's state alone."""
    with socket.create_server(("127.0.0.1", 0)) as cluster:
        study = Study.create("digits", address=f"127.0.0.1:{cluster.getsockname()[1]}")
    with pytest.raises(InvalidInput, match="found none"):
        study.run()
    assert study.state == "created"
    assert recorded_studies(home) == 1
