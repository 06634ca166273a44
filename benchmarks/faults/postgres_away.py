"""PostgreSQL restarted while a study runs, crashed, and stopped for a minute."""

from __future__ import annotations

import random
import time

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import LONGEST_SECONDS, Place, ended, follow, is_at_rest, wait_for_trials
from benchmarks.faults.postgres import postgres

RESTARTS = 5
AWAY_SECONDS = 60.0


def postgres_restarted(scene: Scene) -> Result:
    """Restarted at random instants of a study, every second time as a crash; a study before it is left alone."""
    result, instants = Result("PostgreSQL restarted, every second time crashed"), random.Random(0)
    with postgres(scene.folder) as server, Place(scene.folder / "home", server.database("drill")) as place:
        place.runner()
        left_alone = place.submit("left-alone")
        follow(left_alone)
        result.take(left_alone, scene.undisturbed)
        study, before = place.submit("restarted"), 0
        while not is_at_rest(study):
            is_last = result.times == RESTARTS
            patience = LONGEST_SECONDS if is_last else instants.uniform(0.0, scene.seconds / RESTARTS)
            pause = follow(study, patience, before)
            if result.times:
                result.pauses += [] if pause is None else [pause]
            before = ended(study)
            if not is_at_rest(study):
                server.stop("fast" if result.times % 2 else "immediate")
                server.start()
                result.times += 1
        result.take(study, scene.undisturbed)
    return result


def postgres_stopped(scene: Scene) -> Result:
    """Stopped for a minute in the middle of a study."""
    result = Result(f"PostgreSQL stopped for {AWAY_SECONDS:.0f} s", times=1)
    with postgres(scene.folder) as server, Place(scene.folder / "home", server.database("drill")) as place:
        place.runner()
        study = place.submit("stopped")
        wait_for_trials(study)
        before = ended(study)
        server.stop()
        time.sleep(AWAY_SECONDS)
        server.start()
        pause = follow(study, before=before)
        result.pauses += [] if pause is None else [pause]
        result.take(study, scene.undisturbed)
    return result
