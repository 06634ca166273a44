"""A node of a Ray cluster that is killed while units run on it."""

import os
import threading
import time
from collections import Counter

import psutil
import pytest
import ray
from ray.cluster_utils import Cluster

from spaces import LANDMARKS
from tests.contracts.test_engines import Listed, unit
from workers.checkpoint import Checkpoints
from workers.inline_engine import InlineEngine
from workers.outcome import Status
from workers.tune_engine import TuneEngine

pytestmark = pytest.mark.xdist_group("ray")

SHORT = (1, 2)
LONG = (0, len(LANDMARKS))  # of the fastest landmark


@pytest.fixture
def cluster():
    """Two nodes with a slot each."""
    running = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    running.second = running.add_node(num_cpus=1)
    yield running
    ray.shutdown()
    running.shutdown()


def kill_node(raylet: psutil.Process) -> None:
    """Kill -9 of a raylet and everything it started."""
    for process in [raylet, *raylet.children(recursive=True)]:
        os.kill(process.pid, 9)


def test_units_of_a_lost_node_run_elsewhere(cluster, blobs, tmp_path):
    """After kill -9 of a whole node in mid-unit each unit has one outcome, the right one, from the other node."""
    steps = {"stop": 2000, "horizon": 2000}
    units = [unit(trial, **(steps if trial in LONG else {})) for trial in (*SHORT, *LONG)]
    source = Listed(units)
    killed = []

    def kill_second():
        (raylet,) = (
            info.process for kind, infos in cluster.second.all_processes.items() if kind == "raylet" for info in infos
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not killed:
            time.sleep(0.2)
            if source.most_in_flight == 2 and source.outcomes.keys() == set(SHORT):
                time.sleep(1.0)  # both long units have begun
                kill_node(psutil.Process(raylet.pid))
                killed.append(set(source.outcomes))

    killer = threading.Thread(target=kill_second)
    killer.start()
    with TuneEngine(address=cluster.address) as engine:
        assert engine.slots == 2
        engine.run(source, blobs, Checkpoints(tmp_path))
    killer.join()
    assert killed == [set(SHORT)], "the long units ended before the node could be killed: make them longer"
    assert source.absorbed == Counter({(trial, 0): 1 for trial in (*SHORT, *LONG)})
    assert len({source.outcomes[trial].node for trial in LONG}) == 1
    undisturbed = Listed(units)
    with InlineEngine() as engine:
        engine.run(undisturbed, blobs, Checkpoints(tmp_path / "undisturbed"))
    for trial, outcome in source.outcomes.items():
        assert outcome.status is Status.TRAINED
        assert outcome.confirm_score == undisturbed.outcomes[trial].confirm_score
