"""Which processes live, whatever the clocks say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import psutil
import pytest

from search.storage import liveness
from search.storage.liveness import STALE_AFTER, Pulse, lives_here, started, this_process

NOON = datetime(2026, 1, 1, 12)
ELSEWHERE = "elsewhere:1:1"


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("hours", [-1, 1])
def test_setting_the_clock_makes_no_process_another(monkeypatch, hours: int):
    """Its start by the wall clock becomes another; whoever drove a study before goes on driving it."""
    before, told, at_first = this_process(), psutil.Process().create_time(), psutil.boot_time()
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: at_first + 3600 * hours)
    assert psutil.Process().create_time() - told == pytest.approx(3600 * hours, abs=1)
    assert this_process() == before
    assert lives_here(before)


def test_a_process_lives_until_it_is_killed(other: subprocess.Popen[bytes]):
    """A zombie does not live, nor does whoever has a number that another had before."""
    name = this_process().replace(f":{os.getpid()}:", f":{other.pid}:").rpartition(":")[0]
    mine, earlier = f"{name}:{started(other.pid)}", f"{name}:1"
    assert lives_here(mine)
    assert not lives_here(earlier)
    other.kill()
    while psutil.Process(other.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    assert not lives_here(mine)
    other.wait()
    assert not lives_here(mine)


def test_where_the_start_is_told_by_the_clock_alone_processes_live_too(monkeypatch):
    """As on macOS."""
    monkeypatch.setattr(liveness, "_boot", lambda: None)
    assert lives_here(this_process())


def watched(pulse: Pulse, clock: list[float], heartbeats: list[tuple[float, datetime]]) -> list[bool]:
    found = []
    for clock[0], heartbeat in heartbeats:
        found.append(pulse.beats(ELSEWHERE, heartbeat))
    return found


def test_a_heart_that_stands_still_for_a_minute_has_died():
    """And beats again when it does."""
    clock = [0.0]
    pulse, most = Pulse(lambda: clock[0]), STALE_AFTER.total_seconds()
    still = [(float(second), NOON) for second in range(0, int(most), 5)]
    assert watched(pulse, clock, still) == [True] * len(still)
    again = NOON - timedelta(hours=1)  # its clock was set
    assert watched(pulse, clock, [(most, NOON), (most + 5, again)]) == [False, True]


def test_while_nobody_listens_nobody_dies():
    """A database that was away for minutes tells of no heart; all of them have a minute again."""
    clock = [0.0]
    assert watched(Pulse(lambda: clock[0]), clock, [(0.0, NOON), (300.0, NOON), (305.0, NOON)]) == [True] * 3
