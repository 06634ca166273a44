"""What TuneEngine does on a cluster that is not its own; what every engine does is in tests/contracts."""

import contextlib
import os
import secrets
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

import pytest
import ray
from ray.cluster_utils import Cluster

from spaces.errors import InvalidInput
from tests.contracts.test_engines import Listed, unit
from tests.end_to_end.test_cluster import free_ports
from workers import tune_engine
from workers.checkpoint import Checkpoints
from workers.outcome import Status
from workers.tune_engine import TuneEngine, check_address

pytestmark = pytest.mark.xdist_group("ray")


@pytest.fixture(scope="module")
def address():
    """A node with two CPUs and, as Ray believes, a GPU."""
    running = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "num_gpus": 1, "include_dashboard": False})
    yield running.address
    ray.shutdown()
    running.shutdown()


@pytest.mark.parametrize(
    ("options", "slots"),
    [
        ({}, 2),
        ({"workers": 1}, 1),
        ({"cpus_per_worker": 0.5}, 4),
        ({"cpus_per_worker": 0.5, "gpus_per_worker": 0}, 4),
        ({"cpus_per_worker": 0.5, "gpus_per_worker": 0.5}, 2),
        ({"gpus_per_worker": 1}, 1),
    ],
)
def test_slots_count_cpus_and_gpus(address, options, slots):
    """As many as fit; by default the GPUs limit nothing."""
    with TuneEngine(address=address, **options) as engine:
        assert engine.slots == slots


class Watched(Listed):
    """Looks at what is left of the cluster while its units run."""

    def __init__(self, *rounds):
        super().__init__(*rounds)
        self.least_left = {"CPU": 2.0, "GPU": 1.0}

    def absorb(self, outcome):
        super().absorb(outcome)
        left = ray.available_resources()
        self.least_left = {name: min(least, left.get(name, 0.0)) for name, least in self.least_left.items()}


@pytest.mark.parametrize(
    ("options", "most_in_flight"), [({}, 2), ({"cpus_per_worker": 0.5, "gpus_per_worker": 0.25}, 4)]
)
def test_workers_share_what_there_is(address, blobs, tmp_path, monkeypatch, options, most_in_flight):
    """Two workers take a CPU and half a GPU each, four take half a CPU and a quarter; nothing is left over.

    The trainable is looked up once a run, not thrice a unit, each time a wait for a process that they leave no core.
    """
    looked_up = []
    look_up = ray.tune.registry._internal_kv_get
    monkeypatch.setattr(ray.tune.registry, "_internal_kv_get", lambda key: looked_up.append(key) or look_up(key))
    source = Watched([unit(trial) for trial in range(12)])
    with TuneEngine(address=address, **options) as engine:
        looked_up.clear()
        engine.run(source, blobs, Checkpoints(tmp_path))
    assert 0 < len(looked_up) <= 4, "it is asked for by name, whether it is there and what it is"
    assert source.most_in_flight == most_in_flight
    assert source.least_left == {"CPU": 0.0, "GPU": 0.0}
    assert all(outcome.status is Status.TRAINED for outcome in source.outcomes.values())


@pytest.mark.parametrize("options", [{"cpus_per_worker": 3}, {"gpus_per_worker": 2}])
def test_a_share_that_no_node_holds_is_refused(address, options):
    """At once, in one line, instead of waiting for ever."""
    with pytest.raises(InvalidInput, match=r"no Ray node holds a worker of .*found nodes of 2 CPU, 1 GPU"):
        TuneEngine(address=address, **options).__enter__()
    assert not ray.is_initialized()


@pytest.mark.parametrize("options", [{"cpus_per_worker": 0}, {"gpus_per_worker": -1}])
def test_an_impossible_share_is_refused(options):
    """A worker that takes nothing, or less."""
    with pytest.raises(InvalidInput, match="expected more than no CPU and not less than no GPU"):
        TuneEngine(**options)


def test_a_unit_whose_cpu_is_anothers_runs_on_the_one_there_is(address, blobs, tmp_path, monkeypatch, caplog):
    """The round ends, though one of its units waits for a CPU that never comes free, and a word is said of it."""
    monkeypatch.setattr(tune_engine, "PATIENCE_SECONDS", 1.0)
    source = Listed([unit(0), unit(1)], [unit(2), unit(3)])
    with TuneEngine(address=address, gpus_per_worker=0) as engine:
        other = ray.remote(num_cpus=1)(dict).remote()
        ray.get(other.__ray_ready__.remote())
        assert engine.slots == 2
        engine.run(source, blobs, Checkpoints(tmp_path))
        ray.kill(other)
    assert sorted(source.outcomes) == [0, 1, 2, 3]
    assert sum("waited 1 s for a CPU" in record.message for record in caplog.records) == 1


ROOT = str(Path(__file__).parents[2])
DRIVER = """
import sys
from tests.contracts.test_engines import Listed, unit
from workers.checkpoint import Checkpoints
from workers.datasets import load_dataset
from workers.tune_engine import TuneEngine

address, data, folder = sys.argv[1:]
source = Listed([unit(0), unit(1)])
with TuneEngine(address=address) as engine:
    engine.run(source, load_dataset(data), Checkpoints(folder))
print(*(outcome.status for outcome in source.outcomes.values()))
"""


@pytest.fixture
def foreign_python(tmp_path) -> str:
    """A Python that has our libraries and nothing of ours, as on a plain Ray cluster."""
    venv.create(tmp_path / "venv", with_pip=False)
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    # a folder that a .pth file names is searched, but its own .pth files, ours among them, are not read
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return str(tmp_path / "venv" / "bin" / "python")


def test_nodes_need_nothing_of_ours(foreign_python, blobs_file, tmp_path):
    """Our packages travel to a cluster that has our libraries alone."""
    missing = subprocess.run(
        [foreign_python, "-c", "import ray, workers"], cwd=tmp_path, capture_output=True, text=True
    )
    assert "No module named 'workers'" in missing.stderr
    (port,) = free_ports(1)
    arguments = ["start", "--head", "--block", f"--port={port}", "--num-cpus=1", "--include-dashboard=false"]
    start = f"import sys; from ray.scripts.scripts import main; sys.argv[1:] = {arguments}; main()"
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex()}  # its ports are open while the test runs
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([foreign_python, "-c", start], cwd=tmp_path, env=os.environ | token, **silent) as node:
        try:
            wait_for(f"127.0.0.1:{port}")
            (tmp_path / "driver.py").write_text(DRIVER)
            command = [sys.executable, "driver.py", f"127.0.0.1:{port}", str(blobs_file), str(tmp_path / "checkpoints")]
            environment = os.environ | token | {"PYTHONPATH": ROOT}
            driver = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        finally:
            node.terminate()
    assert driver.stdout == "trained trained\n", driver.stderr


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(InvalidInput):
            return check_address(address)
        time.sleep(0.2)
