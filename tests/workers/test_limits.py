"""Limits of time and memory, in processes of their own where a process must not survive."""

import math
import signal
import subprocess
import sys
import threading
import time

import pytest

from workers import limits
from workers.limits import time_limit, watchdog
from workers.trainer import TimedOut

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is Linux's")


def in_process(code: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)


@pytest.fixture
def hurried(monkeypatch):
    """Blocks are interrupted as soon as their limit has passed."""
    monkeypatch.setattr(limits, "interruption_seconds", lambda limit_seconds: limit_seconds)


def hang_in_sleep() -> None:
    time.sleep(30)


def hang_in_loop() -> None:
    while True:
        pass


@pytest.mark.parametrize("hang", [hang_in_sleep, hang_in_loop])
def test_what_hangs_in_python_is_interrupted(hurried, hang):
    """The message says where it hung."""
    with pytest.raises(TimedOut, match=rf"long after 0\.05 s(.|\n)*{hang.__name__}"), time_limit(0.05):
        hang()


def test_a_block_that_ends_in_time_leaves_nothing_armed(hurried):
    """Afterwards no timer runs, and the signal means what it meant before."""
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before


def test_without_a_limit_nothing_is_armed(tmp_path):
    """Neither a timer nor a note."""
    with time_limit(math.inf), watchdog(math.inf, tmp_path / "note"):
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
        assert not (tmp_path / "note").exists()


def test_no_signal_is_armed_outside_the_main_thread():
    """A thread other than the main one could not set one; its block runs all the same."""
    done = []

    def block():
        with time_limit(60):
            done.append(signal.getitimer(signal.ITIMER_REAL)[0])

    thread = threading.Thread(target=block)
    thread.start()
    thread.join()
    assert done == [0]


HANG_WITHOUT_PYTHON = """
import itertools, pathlib, sys
from workers import limits
limits.end_seconds = lambda limit_seconds: limit_seconds
def stuck():
    sum(itertools.repeat(0))  # C without end, which gives no other thread a turn and handles no signal
with limits.watchdog(0.1, pathlib.Path(sys.argv[1])):
    stuck()
"""


def test_what_never_returns_to_python_ends_with_its_process(tmp_path):
    """The note says where the process was."""
    ended = in_process(HANG_WITHOUT_PYTHON, str(tmp_path / "new" / "note"))
    assert ended.returncode == 1
    assert "in stuck" in (tmp_path / "new" / "note").read_text()


def test_no_note_stays_where_a_block_ends(tmp_path):
    """Whether it succeeds or raises, its watchdog is off and its note is gone."""
    note = tmp_path / "note"
    with pytest.raises(FileExistsError), watchdog(60, note):
        note.open("x")  # raises because the note is there
    assert not note.exists()
    with watchdog(60, note):
        assert note.exists()
    assert not note.exists()


def test_a_folder_that_takes_no_note_costs_the_note_alone(tmp_path):
    """A unit runs, and one that never returns ends with its process, as on a disk that is full or not mounted."""
    folder = tmp_path / "notes"
    folder.symlink_to(tmp_path / "not mounted")
    with watchdog(60, folder / "note"):
        pass
    assert in_process(HANG_WITHOUT_PYTHON, str(folder / "note")).returncode == 1


ALLOCATE = """
import sys, torch
from workers.limits import MemoryLimit, is_lack_of_memory
allocate = {
    "tensors": lambda: [torch.zeros(1 << 20) for _ in range(1000)],
    "one tensor": lambda: torch.zeros(1 << 30),
    "small objects": lambda: [bytearray(1000) for _ in range(4_000_000)],
}[sys.argv[1]]
limit = MemoryLimit(200 << 20)
for _ in range(3):
    torch.zeros(100 << 18)  # 100 MiB are well within the limit, also after a failure
    try:
        allocate()
    except Exception as error:
        assert is_lack_of_memory(error), repr(error)
        print("too much")
    limit.arm()
"""


@on_linux
@pytest.mark.parametrize("what", ["tensors", "one tensor", "small objects"])
def test_a_process_that_takes_too_much_is_told_so(what: str):
    """It fails in Python, again and again, and what it took is free afterwards."""
    ended = in_process(ALLOCATE, what)
    assert (ended.returncode, ended.stdout) == (0, 3 * "too much\n"), ended.stderr


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("std::bad_alloc")])
def test_lack_of_memory_is_recognized(error: Exception):
    """Python's own, and what C++ says through torch."""
    assert limits.is_lack_of_memory(error)
    assert not limits.is_lack_of_memory(RuntimeError("shapes do not match"))
