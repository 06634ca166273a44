"""Limits: what a unit may take of its process's time and memory, so that no candidate hurts a study."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import math
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

import torch

from workers.trainer import TimedOut

LACK_OF_MEMORY = ("DefaultCPUAllocator", "bad_alloc")
"""How torch says on a CPU, in a `RuntimeError`, that there is none left."""
FRAMES_TOLD = 8


def interruption_seconds(limit_seconds: float) -> float:
    """When a block is interrupted: a little after the limit, which the trainer keeps by itself between steps."""
    return 1.25 * limit_seconds + 1.0


def end_seconds(limit_seconds: float) -> float:
    """When a process that could not be interrupted is ended: twice the limit may cost half a study's budget."""
    return 2.0 * limit_seconds + 5.0


@contextmanager
def time_limit(limit_seconds: float) -> Iterator[None]:
    """Interrupts a block that hangs in Python, in a sleep or in an endless loop.

    Signals reach the main thread alone: in any other, and where the system has no interval timer, nothing is armed.

    Args:
        limit_seconds: of the unit; see `interruption_seconds`. Infinity arms nothing.

    Raises:
        TimedOut: the block was interrupted; the message shows where it was.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if math.isinf(limit_seconds) or not is_main or not hasattr(signal, "setitimer"):
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        stack = "".join(traceback.format_stack(frame, limit=FRAMES_TOLD))
        raise TimedOut(f"still in the same step long after {limit_seconds:g} s; it was interrupted here:\n{stack}")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, interruption_seconds(limit_seconds))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def watchdog(limit_seconds: float, note: Path) -> Iterator[None]:
    """Ends this process where a block does not even return to Python, so that no signal is handled.

    Its timer is a thread of C, which needs no turn of the interpreter.

    Args:
        limit_seconds: of the unit; see `end_seconds`. Infinity arms nothing.
        note: a file that says afterwards where the process was; it is gone when the block ends by itself. On a disk
            that takes none the process ends all the same, without a word: a unit must not fail for want of it.
    """
    if math.isinf(limit_seconds):
        yield
        return
    with _opened(note) as file:
        faulthandler.dump_traceback_later(end_seconds(limit_seconds), exit=True, file=file)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            with contextlib.suppress(OSError):
                note.unlink()


def _opened(note: Path) -> TextIO:
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        return note.open("w")
    except OSError:
        return open(os.devnull, "w")


class MemoryLimit:
    """Lets this process allocate so much more than it holds now.

    Whatever goes beyond fails in Python as `MemoryError` and in torch as an error of its allocator, before the machine
    swaps or the system picks a process to kill. Shared memory, such as Ray's object store, does not count. On Linux
    alone; elsewhere the system's own limit remains.

    Args:
        further_bytes: of private memory.
    """

    def __init__(self, further_bytes: int) -> None:
        self._further_bytes = further_bytes
        self._ceiling = private_bytes() + 2 * further_bytes
        self.arm()

    def arm(self) -> None:
        """Counts anew from what the process holds.

        After a candidate that failed, the allocator may keep address space that would count against the next one. What
        it keeps can be used again, so the limit never rises beyond twice what was allowed at first.
        """
        if sys.platform != "linux":
            return
        import resource  # not on every system

        _return_free_memory()
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = min(private_bytes() + self._further_bytes, self._ceiling)
        resource.setrlimit(resource.RLIMIT_DATA, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _return_free_memory() -> None:
    """Gives back what glibc's allocator keeps; other allocators have no such call."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def private_bytes() -> int:
    """Private memory that this process holds, as Linux counts it against the limit; 0 elsewhere."""
    if sys.platform != "linux":
        return 0
    status = Path("/proc/self/status").read_text()
    (kibibytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmData:"))
    return 1024 * int(kibibytes)


def is_lack_of_memory(error: Exception) -> bool:
    """Whether an error says that memory was not to be had; torch on a CPU says so in words alone."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        words in str(error) for words in LACK_OF_MEMORY
    )
