"""`python -m search.service.drive NAME`: drives one queued study in a process of its own, started by a runner."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import traceback

from search.cli.ending import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_WRONG_INPUT, last_line
from search.settings import Settings
from search.storage.database import Database
from search.storage.events import EventStore
from search.storage.studies import StudyState
from search.study import Study
from spaces import InvalidInput


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
        return EXIT_WRONG_INPUT
    except Exception as error:
        traceback.print_exc()
        _tell(given.name, f"{type(error).__name__}: {last_line(str(error))}")
        return EXIT_FAILED


def _drive(name: str, workers: int | None, address: str | None) -> int:
    study = Study.load(name)
    if study.state != StudyState.QUEUED:  # stopped, or taken up by a person, since it was leased
        return EXIT_INTERRUPTED
    asked = study.specification
    fewest = min((count for count in (asked.workers, workers) if count is not None), default=None)
    document = study.run(study.engine(fewest, address or asked.address))
    return 0 if document.champion is not None else EXIT_FAILED


def _end_with_runner() -> None:
    """The runner holds the other end of standard input, so that its death, even by kill -9, is heard here."""
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def _tell(name: str, message: str) -> None:
    """Enters among the study's events why it cannot go on, if the database can be reached."""
    print(f"penchant: {message}", file=sys.stderr)
    with contextlib.suppress(Exception):
        EventStore(Database(Settings.resolve().storage)).append(name, "error", {"message": message})


if __name__ == "__main__":
    sys.exit(main())
