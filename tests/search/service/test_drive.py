"""Why a study cannot go on, as its driver tells the runner."""

from __future__ import annotations

import errno

import pytest
from sqlalchemy.exc import OperationalError

from search.cli.ending import EXIT_FAILED, EXIT_UNAVAILABLE, EXIT_WRONG_INPUT
from search.service import drive
from spaces.errors import InvalidInput, Unavailable
from workers.unit_checkpoint import NotKept


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unavailable("no Ray cluster there"), EXIT_UNAVAILABLE),
        (OperationalError("SELECT", {}, Exception("the database is shutting down")), EXIT_UNAVAILABLE),
        (NotKept("a checkpoint cannot be kept"), EXIT_UNAVAILABLE),
        (OSError(errno.ENOSPC, "no space left on device"), EXIT_UNAVAILABLE),
        (OSError(errno.EACCES, "permission denied"), EXIT_FAILED),
        (ZeroDivisionError("division by zero"), EXIT_FAILED),
        (InvalidInput("found other data"), EXIT_WRONG_INPUT),
    ],
)
def test_what_may_pass_is_told_from_what_will_not(error: Exception, code: int, home, monkeypatch):
    """The one is tried again for as long as it takes, the other a few times."""

    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(drive, "_drive", fail)
    monkeypatch.setattr(drive, "_end_with_runner", lambda: None)
    monkeypatch.setattr(drive.signal, "signal", lambda *_: None)
    monkeypatch.setattr("sys.argv", ["drive", "mine"])
    assert drive.main() == code
