"""Lease: while it is held, this process drives the study and says so every few seconds."""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import TracebackType
from typing import Self

from search.storage.fence import TakenOver
from search.storage.liveness import HEARTBEAT_SECONDS
from search.storage.studies import StudyState, StudyStore

logger = logging.getLogger(__name__)


class Lease:
    """Holds a study; also its clock, which goes on where an earlier run stopped.

    Args:
        store: where the study is recorded.
        name: the study.

    Raises:
        InvalidInput: on entering, another living process holds it.
    """

    def __init__(self, store: StudyStore, name: str) -> None:
        self._store = store
        self._name = name
        self._stopped = threading.Event()
        self._lost = False
        self._asked_to_stop = False
        self.end_state = StudyState.INTERRUPTED

    def ensure_held(self) -> None:
        """Stops a driver that was silent for so long that another took the study over, or that is asked to stop.

        Raises:
            TakenOver: the study has another driver now.
            KeyboardInterrupt: somebody asked for it, from this process or another.
        """
        if self._asked_to_stop:
            raise KeyboardInterrupt
        if self._lost:
            raise TakenOver(self._name)

    def seconds(self) -> float:
        """Wall-clock seconds the study has run, earlier runs included."""
        return self._earlier + time.monotonic() - self._began

    def __enter__(self) -> Self:
        self._store.claim(self._name)
        self._earlier = self._store.get(self._name).seconds
        self._began = time.monotonic()
        self._is_in_main_thread = threading.current_thread() is threading.main_thread()
        self._thread = threading.Thread(target=self._beat, name="penchant-lease", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()
        if isinstance(error, Exception):
            self.end_state = StudyState.FAILED
        self._store.release(self._name, self.end_state, self.seconds())

    def _beat(self) -> None:
        while not self._stopped.wait(HEARTBEAT_SECONDS):
            try:
                state = self._store.beat(self._name, self.seconds())
                self._lost = state is None
                if state == StudyState.STOPPING and not self._asked_to_stop:
                    self._interrupt()
            except Exception as error:  # a database that restarts is back at the next beat
                logger.warning("heartbeat of study %r: %s", self._name, (str(error) or repr(error)).splitlines()[0])

    def _interrupt(self) -> None:
        """Ends the run as Ctrl-C does; a driver in another thread than the main one notices at its next unit."""
        self._asked_to_stop = True
        if self._is_in_main_thread:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
