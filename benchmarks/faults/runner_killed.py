"""Kill -9 of the runner at random instants of a study, from its start to its verdict."""

from __future__ import annotations

import random

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import LONGEST_SECONDS, Place, follow, is_at_rest, kill, tree

TIMES = 20


def runner_killed(scene: Scene) -> Result:
    """One study after the other until the runner was killed so often; every second time all that it started, too."""
    result = Result("kill -9 of the runner at random instants, every second time of driver and Ray too")
    instants = random.Random(0)
    with Place(scene.folder) as place:
        while result.times < TIMES:
            study = place.submit(f"killed-{result.studies}")
            while not is_at_rest(study):
                runner, is_last = place.runner(), result.times == TIMES
                pause = follow(study, LONGEST_SECONDS if is_last else instants.uniform(0.0, scene.seconds))
                result.pauses += [] if pause is None else [pause]
                result.times += not is_at_rest(study)
                kill(*(tree(runner) if result.times % 2 else [runner]))
            result.take(study, scene.undisturbed)
    return result
