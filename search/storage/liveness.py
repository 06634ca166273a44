"""Liveness: which process holds something, and whether it still lives."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

import psutil

from search.storage.tables import now

HEARTBEAT_SECONDS = 5.0
STALE_AFTER = timedelta(seconds=60)
"""A process on another machine that was silent for so long is taken for dead."""


def this_process() -> str:
    """This process as `host:pid:start`; the start tells it from a later one with the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.0f}"


def is_alive(process: str, heartbeat: datetime | None) -> bool:
    """Whether a process lives.

    Args:
        process: as `this_process` names it; on this machine it is looked up.
        heartbeat: when it last said that it lives; what decides about those on other machines.
    """
    host, pid, start = process.rsplit(":", 2)
    if host != socket.gethostname():
        return heartbeat is not None and now() - heartbeat < STALE_AFTER
    try:
        found = psutil.Process(int(pid))
        return f"{found.create_time():.0f}" == start and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
