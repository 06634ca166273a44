"""Kill -9 of the API while a study runs and somebody follows its events; the runner is another process."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import QUESTION, Place, follow, is_at_rest, kill, wait_until
from search import Study
from search.service.client import Client
from tests.processes import free_port, wait_until_it_answers

TIMES = 5


def api_killed(scene: Scene) -> Result:
    """Killed at random instants of a study that was submitted to it; whoever follows must miss no event."""
    result, instants = Result("kill -9 of the API, while a client follows the study"), random.Random(0)
    port = str(free_port())
    client = Client(f"http://127.0.0.1:{port}", None)
    with Place(scene.folder) as place:
        serve = (sys.executable, "-m", "search.cli", "serve", "--no-runner", "--port", port)
        server = place.start(*serve, log="api")
        wait_until_it_answers(f"{client.url}/readyz", server)
        study = Study.load(client.submit({**QUESTION, "name": "served"}))
        place.runner()
        with following(client, study.name) as seen:
            while not is_at_rest(study):
                pause = follow(study, instants.uniform(0.0, scene.seconds / TIMES) if result.times < TIMES else 600)
                result.pauses += [] if pause is None else [pause]
                if not is_at_rest(study):
                    kill(server)
                    server = place.start(*serve, log="api")
                    result.times += 1
        told = [data["trial"] for kind, data in seen if kind == "trial"]
        assert told == list(dict.fromkeys(told)), "an event was told twice"
        assert len(told) == QUESTION["trials"], f"{len(told)} ends of trials reached the client"
        assert seen[-1][1]["state"] == "finished"
        result.take(study, scene.undisturbed)
    result.notes = f"the client was told of all {len(seen)} events once"
    return result


@contextmanager
def following(client: Client, name: str) -> Iterator[list]:
    """Collects what a client is told until the study ends."""
    seen: list = []
    thread = threading.Thread(target=lambda: seen.extend(client.events(name)), daemon=True)
    thread.start()
    yield seen
    wait_until(lambda: not thread.is_alive(), "the client at the end", 150)
