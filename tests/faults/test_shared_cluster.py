"""Studies that share a cluster, each from a driver of its own."""

import subprocess
import sys

import pytest
import ray
from ray.cluster_utils import Cluster

pytestmark = pytest.mark.xdist_group("ray")

DRIVER = """
import sys
from tests.contracts.test_engines import Listed, unit
from workers import tune_engine
from workers.checkpoint import Checkpoints
from workers.datasets import load_dataset

tune_engine.PATIENCE_SECONDS = 3.0
address, data, folder = sys.argv[1:]
source = Listed(*([unit(4 * phase + number) for number in range(4)] for phase in range(3)))
with tune_engine.TuneEngine(address=address) as engine:
    print("begun", flush=True)
    engine.run(source, load_dataset(data), Checkpoints(folder))
assert set(source.absorbed.values()) == {1}
print(len(source.outcomes), {str(outcome.status) for outcome in source.outcomes.values()})
"""


@pytest.fixture
def address():
    running = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    yield running.address
    ray.shutdown()
    running.shutdown()


def test_two_studies_at_once_both_end(address, blobs_file, tmp_path):
    """Each asks for all CPUs; neither waits for ever for what the other holds."""
    drivers = [
        subprocess.Popen(
            [sys.executable, "-c", DRIVER, address, str(blobs_file), str(tmp_path / name)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("first", "second")
    ]
    try:
        for driver in drivers:
            output, error = driver.communicate(timeout=180)
            assert output.splitlines() == ["begun", "12 {'trained'}"], error
            assert "Tune" not in error
            assert "Traceback" not in error
    finally:
        for driver in drivers:
            driver.kill()
            driver.wait()
