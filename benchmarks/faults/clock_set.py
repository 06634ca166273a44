"""The clock of the machine that drives a study set by an hour, while a runner with the right time looks on.

The clock that is set is that of the runner, its driver and their Ray alone (clock.c, preloaded), as if they were
another machine; no program may set that of the whole machine for a drill. The onlooker has a host name of its own, so
that it has nothing but heartbeats to go by.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import Place, follow, wait_for_trials, wait_until
from search.storage.events import EventStore

SOURCE = Path(__file__).with_name("clock.c")
HOUR = 3600


def clock_set(scene: Scene) -> Result:
    """An hour forward in one study, back by an hour in another; each is driven by one process to its end."""
    result = Result("clock of runner, driver and Ray set by an hour, forward and back")
    scene.folder.mkdir()
    library = scene.folder / "clock.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    for seconds in (HOUR, -HOUR):
        with Place(scene.folder / f"{seconds:+d}") as place:
            clock = place.home / "clock"
            clock.write_bytes(struct.pack("q", 0))
            place.runner(log="set", LD_PRELOAD=str(library), CLOCK_OFFSET=str(clock))
            study = place.submit("timed")
            wait_until(lambda: bool(place.drivers()), "driven by the runner whose clock is set")
            elsewhere = f"hostname onlooker && exec {sys.executable} -m search.cli runner"
            onlooker = place.start("unshare", "--uts", "sh", "-c", elsewhere, log="onlooker")
            wait_for_trials(study)
            with clock.open("r+b") as file:
                file.write(struct.pack("q", seconds))
            result.times += 1
            pause = follow(study)
            result.pauses += [] if pause is None else [pause]
            result.take(study, scene.undisturbed)
            assert onlooker.poll() is None
            assert "starts" not in (place.home / "onlooker.log").read_text(), "another runner took it over"
            told = EventStore(study._database).after(study.name, 0)
            assert abs((told[-1].created - told[0].created).total_seconds() - seconds) < HOUR / 2, "no clock was set"
    return result
