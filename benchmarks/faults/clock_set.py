"""The clock of the machine that drives a study set by an hour, while a runner with the right time looks on.

The clock that is set is that of the runner, its driver and their Ray alone (libfaketime), as if they were another
machine; no program may set that of the whole machine for a drill.
"""

from __future__ import annotations

import glob

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import Place, follow, is_at_rest

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
HOUR = 3600


def clock_set(scene: Scene) -> Result:
    """An hour forward in one study, back by an hour in another; each is driven by one process to its end."""
    result = Result("clock of runner and driver set by an hour, forward and back")
    libraries = glob.glob(LIBRARY)
    assert libraries, "libfaketime is not there: apt-get install faketime"
    for offset in (HOUR, -HOUR):
        with Place(scene.folder / f"{offset:+d}") as place:
            clock = place.home / "clock"
            clock.write_text("+0")
            variables = {
                "LD_PRELOAD": libraries[0],
                "FAKETIME_TIMESTAMP_FILE": str(clock),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
            place.runner(log="set", **variables)
            study = place.submit("timed")
            follow(study, scene.seconds / 2)
            onlooker = place.runner(log="onlooker")
            assert not is_at_rest(study)
            clock.write_text(f"{offset:+d}")
            result.times += 1
            pause = follow(study)
            result.pauses += [] if pause is None else [pause]
            result.take(study, scene.undisturbed)
            assert onlooker.poll() is None
            assert "starts" not in (place.home / "onlooker.log").read_text(), "another runner took it over"
    return result
