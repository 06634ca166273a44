"""Runner: leases queued studies and drives each in a process of its own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from search.cli.ending import EXIT_UNAVAILABLE
from search.storage.liveness import HEARTBEAT_SECONDS, this_process
from search.storage.queue import Ending, Queue

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
GRACE_SECONDS = 30.0
"""What a study may take to stop before its process is killed; nothing that it recorded is lost."""

Start = Callable[[str], "subprocess.Popen[bytes]"]


class Runner:
    """Keeps as many studies at work as it may; one that dies with its process takes no other along.

    Args:
        queue: where studies wait.
        start: starts the process that drives a study.
        concurrency: studies at a time.
        tell: is given a line whenever a study starts or ends.
    """

    def __init__(self, queue: Queue, start: Start, concurrency: int, tell: Callable[[str], None]) -> None:
        self._queue = queue
        self._start = start
        self._concurrency = concurrency
        self._tell = tell
        self._name = this_process()
        self._at_work: dict[str, subprocess.Popen[bytes]] = {}
        self._beaten_at = -HEARTBEAT_SECONDS
        self._stopped = threading.Event()
        self._trouble = ""

    def run(self, *, once: bool = False) -> None:
        """Runs until it is interrupted, which interrupts its studies; they wait for a runner then.

        Args:
            once: whether to end when no study waits or runs any more.
        """
        try:
            while not self._stopped.is_set():
                try:
                    if self._step() and once:
                        return
                    self._trouble = ""
                except Exception as error:  # a database that restarts is back at the next look
                    self._warn((str(error) or repr(error)).splitlines()[0])
                self._stopped.wait(POLL_SECONDS)
        finally:
            self._interrupt()

    def stop(self) -> None:
        """Makes `run` end soon; for another thread."""
        self._stopped.set()

    def _warn(self, trouble: str) -> None:
        """Tells what is wrong once for as long as it lasts, not twice a second."""
        if trouble != self._trouble:
            logger.warning("the queue: %s", trouble)
        self._trouble = trouble

    def _step(self) -> bool:
        """Looks after the studies at work and takes up others; whether there is nothing left to do."""
        self._reap()
        if time.monotonic() - self._beaten_at >= HEARTBEAT_SECONDS:
            self._queue.beat(self._name, list(self._at_work))
            for taken in self._queue.take_from_dead():
                self._tell(f"{taken}: its runner has died, it will go on")
            self._beaten_at = time.monotonic()
        while len(self._at_work) < self._concurrency and (study := self._queue.lease(self._name)) is not None:
            self._at_work[study] = self._start(study)
            self._tell(f"{study}: starts")
        return not self._at_work and self._queue.waiting() == 0

    def _reap(self, *, was_interrupted: bool = False) -> None:
        """Gives back the studies whose processes have ended."""
        for study, process in list(self._at_work.items()):
            if process.poll() is not None:
                ending = Ending.OUTAGE if process.returncode == EXIT_UNAVAILABLE else Ending.ITS_OWN
                self._queue.give_back(study, self._name, Ending.INTERRUPTED if was_interrupted else ending)
                del self._at_work[study]
                if process.stdin is not None:
                    process.stdin.close()
                self._tell(f"{study}: {_ending(process.returncode)}")

    def _interrupt(self) -> None:
        for process in self._at_work.values():
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self._at_work.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._reap(was_interrupted=True)


def _ending(code: int) -> str:
    words = {0: "done", 1: "failed", 2: "cannot run", 130: "stopped", EXIT_UNAVAILABLE: "lacks something for now"}
    return words.get(code, f"its process ended with {code}")


@dataclass(frozen=True)
class DriverProcess:
    """Starts the processes that drive studies.

    Attributes:
        storage: SQLAlchemy URL of the database; goes by the environment, since everybody can read a command line.
        logs: folder in which each study has a file for what its driver says.
        workers: trainings at a time of each study; what the study asks for by default.
        address: of a Ray cluster; a Ray of each study's own by default.
    """

    storage: str
    logs: Path
    workers: int | None = None
    address: str | None = None

    def __call__(self, study: str) -> subprocess.Popen[bytes]:
        """See `Runner`; whoever starts it holds its standard input, and with it its life."""
        command = [sys.executable, "-m", "search.service.drive", study]
        command += [] if self.workers is None else ["--workers", str(self.workers)]
        command += [] if self.address is None else ["--address", self.address]
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{study}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env={**os.environ, "PENCHANT_STORAGE": self.storage},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the runner, which passes it on
            )
