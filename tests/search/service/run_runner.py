"""A runner with fake drivers, as a process of its own.

Usage: python -m tests.search.service.run_runner DATABASE.db SECONDS, which is how long each study takes.
"""

import signal
import subprocess
import sys
from pathlib import Path

from search.service.runner import Runner
from search.storage.database import Database
from search.storage.queue import Queue

FAKE = str(Path(__file__).with_name("fake_driver.py"))


def main() -> None:
    path, seconds = sys.argv[1:]

    def start(study: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-S", FAKE, path, study, seconds]
        return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print("ready", flush=True)
    Runner(Queue(Database(f"sqlite:///{path}")), start, concurrency=3, tell=print).run(once=True)


if __name__ == "__main__":
    main()
