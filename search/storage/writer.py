"""Writer: writes to the record in a thread, in order, so that no training waits for a database."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from search.storage.outage import outlast

MOST_WAITING = 16
"""Writes that may wait; who brings more waits too, so that a slow database cannot fall behind without limit."""


class Writer:
    """Writes one thing after the other, in the order given, while its owner goes on.

    So a killed program leaves a record that was true a moment ago. A database that is away is waited for, see
    `outlast`, while trainings go on. After a write that failed nothing is written any more, since a record with a hole
    in it would mislead whoever resumes from it; the failure is raised by one of the next calls, at the latest by
    `settle`.
    """

    def __init__(self) -> None:
        self._given_up = threading.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="penchant-record")
        self._waiting: deque[Future[None]] = deque()
        self._error: BaseException | None = None

    def write(self, do: Callable[..., object], *arguments: Any) -> None:
        """Calls `do` with the arguments when all earlier writes are done; nobody may change the arguments any more.

        After an outage `do` may be called again, and must bear to have been done before.

        Raises:
            BaseException: what an earlier write failed with.
        """
        self._raise_failure()
        while len(self._waiting) >= MOST_WAITING or (self._waiting and self._waiting[0].done()):
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._attempt, do, arguments))

    def settle(self) -> None:
        """Waits until everything is written.

        Raises:
            BaseException: what a write failed with.
        """
        self._wait()
        self._raise_failure()

    def drain(self) -> None:
        """Waits until nothing waits to be written, whether or not it could be; a database that is away is given up."""
        self._given_up.set()
        self._wait()
        self._given_up.clear()

    def _wait(self) -> None:
        wait(self._waiting)
        self._waiting.clear()

    def _attempt(self, do: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        if self._error is not None:
            return
        try:
            outlast(do, *arguments, given_up=self._given_up)
        except BaseException as error:
            self._error = error

    def _raise_failure(self) -> None:
        if self._error is not None:
            self.drain()  # what was given after the failed one is not written
            error, self._error = self._error, None
            raise error
