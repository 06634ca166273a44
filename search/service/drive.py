"""`python -m search.service.drive NAME`: drives one queued study in a process of its own, started by a runner."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import sys
import threading
import time
import traceback

from search.cli.ending import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_UNAVAILABLE, EXIT_WRONG_INPUT, last_line
from search.service.runner import GRACE_SECONDS
from search.settings import Settings
from search.storage.database import Database
from search.storage.events import EventStore
from search.storage.outage import is_outage
from search.storage.studies import StudyState
from search.study import Study
from spaces.errors import InvalidInput, Unavailable
from workers.unit_checkpoint import NotKept

FULL = (errno.ENOSPC, errno.EDQUOT)


def main() -> int:
    """Goes on with a study until it ends, is stopped, or the runner dies; returns an exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--address")
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_end_with_runner, daemon=True).start()
    try:
        return _drive(given.name, given.workers, given.address)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except InvalidInput as error:
        _tell(given.name, str(error))
        return EXIT_UNAVAILABLE if isinstance(error, Unavailable) else EXIT_WRONG_INPUT
    except Exception as error:
        with contextlib.suppress(OSError):  # the log's disk may be full
            traceback.print_exc()
        _tell(given.name, f"{type(error).__name__}: {last_line(str(error))}")
        return EXIT_UNAVAILABLE if _may_pass(error) else EXIT_FAILED


def _drive(name: str, workers: int | None, address: str | None) -> int:
    study = Study.load(name)
    if study.state != StudyState.QUEUED:  # stopped, or taken up by a person, since it was leased
        return EXIT_INTERRUPTED
    asked = study.specification
    fewest = min((count for count in (asked.workers, workers) if count is not None), default=None)
    document = study.run(study.engine(fewest, address or asked.address))
    return 0 if document.champion is not None else EXIT_FAILED


def _may_pass(error: Exception) -> bool:
    """Whether something that the study needs is away or full: nothing that it could have done otherwise."""
    return is_outage(error) or isinstance(error, NotKept) or (isinstance(error, OSError) and error.errno in FULL)


def _end_with_runner() -> None:
    """The runner holds the other end of standard input, so that its death, even by kill -9, is heard here.

    Another runner waits until this process has ended, so it ends itself where it does not let itself be interrupted.
    """
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _tell(name: str, message: str) -> None:
    """Enters among the study's events why it cannot go on, if the database can be reached."""
    with contextlib.suppress(Exception):
        print(f"penchant: {message}", file=sys.stderr)
    with contextlib.suppress(Exception):
        EventStore(Database(Settings.resolve().storage)).append(name, "error", {"message": message})


if __name__ == "__main__":
    sys.exit(main())
