"""Lease: while it is held, this process drives the study and says so every few seconds."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from search.storage.studies import HEARTBEAT_SECONDS, StudyState, StudyStore


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
        self.end_state = StudyState.INTERRUPTED

    def seconds(self) -> float:
        """Wall-clock seconds the study has run, earlier runs included."""
        return self._earlier + time.monotonic() - self._began

    def __enter__(self) -> Self:
        self._store.claim(self._name)
        self._earlier = self._store.get(self._name).seconds
        self._began = time.monotonic()
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
            self._store.beat(self._name, self.seconds())
