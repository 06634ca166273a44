"""Liveness: which process holds something, and whether it still lives. No process's wall clock has a say in it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import psutil

HEARTBEAT_SECONDS = 5.0
STALE_AFTER = timedelta(seconds=60)
"""A process on another machine that was silent for so long is taken for dead."""
LONGEST_LOOK_AWAY_SECONDS = 3 * HEARTBEAT_SECONDS
"""Whoever looked at no heart for longer cannot tell silence from not having listened."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def this_process() -> str:
    """This process as `host:pid:start`; the start tells it from a later one with the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{started(os.getpid())}"


def started(pid: int) -> str:
    """When a process of this machine started, in a way that setting the clock does not change.

    Raises:
        psutil.NoSuchProcess: there is none.
    """
    if _boot() is None:
        return f"{psutil.Process(pid).create_time():.0f}"
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError) as error:
        raise psutil.NoSuchProcess(pid) from error
    return f"{_boot()}-{after_name[19]}"  # field 22 of proc(5): ticks since the machine came up


@cache
def _boot() -> str | None:
    """Tells this run of a Linux machine from others; None elsewhere."""
    return BOOT_ID.read_text()[:8] if BOOT_ID.exists() else None


def is_here(process: str) -> bool:
    """Whether it is, or was, one of this machine, which can be looked up."""
    return process.rsplit(":", 2)[0] == socket.gethostname()


def lives_here(process: str) -> bool:
    """Whether a process of this machine lives."""
    _, pid, start = process.rsplit(":", 2)
    try:
        return started(int(pid)) == start and psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_alive(process: str, heartbeat: datetime | None, now: datetime) -> bool:
    """Whether a process lives, as far as one look can tell.

    Args:
        process: as `this_process` names it; on this machine it is looked up.
        heartbeat: when it last said that it lives, by the database's clock; what decides about those elsewhere.
        now: by the same clock.
    """
    return lives_here(process) if is_here(process) else heartbeat is not None and now - heartbeat < STALE_AFTER


class Pulse:
    """Watches the hearts of processes elsewhere: one that stood still for so long, while it was watched, has died.

    Told by this process's own steady clock, so that neither a clock that is set nor a database that was away, in which
    time nobody's heart could beat, lets a living process seem dead.

    Args:
        clock: seconds of it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._watched: dict[str, tuple[datetime | None, float, float]] = {}  # heartbeat, since when, last looked at

    def beats(self, process: str, heartbeat: datetime | None) -> bool:
        """Whether a process lives; to be asked every few seconds.

        Args:
            process: as `this_process` names it; on this machine it is looked up.
            heartbeat: what it last left, by whatever clock.
        """
        if is_here(process):
            return lives_here(process)
        now = self._clock()
        seen, since, looked = self._watched.get(process, (heartbeat, now, now))
        if seen != heartbeat or now - looked > LONGEST_LOOK_AWAY_SECONDS:
            since = now
        self._watched[process] = heartbeat, since, now
        return now - since < STALE_AFTER.total_seconds()
