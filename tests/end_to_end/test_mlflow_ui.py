"""The command that a finished study prints opens its record."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient

from search import Study
from search.terminal import review_command
from workers.inline_engine import InlineEngine

pytestmark = pytest.mark.xdist_group("ray")  # not beside a Ray: both are slow to start


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, "mlflow ui ended"
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError("mlflow ui does not answer")


@pytest.fixture
def ui(blobs_file):
    """A finished study, and the UI opened on it with the command that the study printed."""
    study = Study.create(str(blobs_file), trials=6, epochs=2)
    study.run(InlineEngine())
    command = review_command(study.specification.tracking_uri).split()
    program = str(Path(sys.executable).parent / "mlflow")
    url = f"http://127.0.0.1:{free_port()}"
    arguments = [program, *command[1:], "--port", url.rpartition(":")[2]]
    with subprocess.Popen(arguments, start_new_session=True, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_healthy(url, process)
            yield study, url
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_the_ui_serves_parent_children_params_and_curves(ui):
    """Through the server behind the UI: the study with a child run a trial, its choices and its learning curve."""
    study, url = ui
    client = MlflowClient(url)
    experiment = client.get_experiment_by_name(study.name)
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert len(children) == 6
    assert all("recipe.learning_rate" in child.data.params for child in children)
    assert all(len(client.get_metric_history(child.info.run_id, "search_score")) >= 1 for child in children)
    with urllib.request.urlopen(url, timeout=10) as page:
        assert b"MLflow" in page.read()
