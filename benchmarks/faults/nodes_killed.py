"""Kill -9 of whole Ray nodes, the one that trains and the head; whatever ends is started again, as in containers."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import Place, command_of, ended, follow, kill, tree, wait_for_trials, wait_until
from tests.processes import free_port

KILLED_AFTER = (2, 6, 10)
"""So many trials have ended when a worker node is killed."""
PROGRAMS = Path(sys.executable).parent
OPTIONS = "--min-worker-port=0 --max-worker-port=0 --object-store-memory=100000000 --block"

Node = subprocess.Popen[bytes]


def worker_node_killed(scene: Scene) -> Result:
    """The node on which a candidate trains, several times in one study."""
    result = Result("kill -9 of the Ray worker node that trains", times=len(KILLED_AFTER))
    with cluster(scene.folder) as (place, _, workers):
        study = place.submit("node-lost")
        for count in KILLED_AFTER:
            wait_until(lambda least=count: ended(study) >= least and any(map(_trains, workers)), "training")
            known, (busy, *_) = ended(study), filter(_trains, workers)
            kill_node(busy)
            result.pauses.append(wait_until(lambda known=known: ended(study) > known, "work going on"))
        follow(study)
        result.take(study, scene.undisturbed)
    return result


def head_node_killed(scene: Scene) -> Result:
    """The head, with all that the cluster knows, and the node beside the driver."""
    result = Result("kill -9 of the Ray head", times=1)
    with cluster(scene.folder) as (place, head, _):
        study = place.submit("head-lost")
        wait_for_trials(study)
        kill_node(head)
        pause = follow(study)
        result.pauses += [] if pause is None else [pause]
        result.take(study, scene.undisturbed)
    return result


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[Place, Node, list[Node]]]:
    """A head, two worker nodes with a CPU each, and a runner; nodes that end are started again."""
    port, scratch = free_port(), tempfile.mkdtemp(prefix="pr-", dir="/tmp")  # paths of sockets are short
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex()}
    with Place(folder, variables={"RAY_TMPDIR": scratch, **token}) as place:
        head = _node(place, "head", f"--head --port={port} --num-cpus=0 --include-dashboard=false")
        join = f"--address=127.0.0.1:{port} --num-cpus=1"
        workers = [_node(place, name, join) for name in ("worker-1", "worker-2")]
        wait_until(lambda: all(map(_is_up, (head, *workers))), "a cluster", 120)
        place.runner("--address", f"127.0.0.1:{port}")
        yield place, head, workers
    shutil.rmtree(scratch, ignore_errors=True)


def _node(place: Place, name: str, options: str) -> Node:
    start = f"{PROGRAMS / 'ray'} start {options} {OPTIONS}"
    return place.start("sh", "-c", f"while true; do {start}; sleep 1; done", log=name)


def kill_node(node: Node) -> None:
    """All of its processes but the loop that starts it again."""
    kill(*tree(node)[1:])


def _is_up(node: Node) -> bool:
    return any(process.name() == "raylet" for process in tree(node))


def _trains(node: Node) -> bool:
    return any("Trainable" in " ".join(command_of(process)) for process in tree(node))
