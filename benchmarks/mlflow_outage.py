"""MLflow away for a whole study, and the driver killed while it catches up: everything must stand there exactly once.

A real MLflow server on a real PostgreSQL. The same study is run with the server up and with it stopped; then the server
is started, `penchant resume` is killed with kill -9 twice in the middle of writing, and runs to its end. Whatever the
database tells of a trial must be in MLflow once: tags, params, every point of every curve. Run from the root of the
repository: python -m benchmarks.mlflow_outage
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from mlflow import MlflowClient

from search import Study
from search.observer import Observer
from search.tracking.limits import split_values
from search.tracking.trial_run import run_points, run_tags
from search.trial import Trial
from tests.end_to_end.postgres_image import PostgresImage, postgres_owner, postgres_programs
from tests.processes import free_port, wait_until_it_answers
from workers.inline_engine import InlineEngine

TRIALS = 60
KILLED_AFTER = (8, 30)
"""How many trials are in MLflow when the driver is killed, the first and the second time."""


class Timed(Observer):
    """Passes everything on and sums up how long the study's own thread was in there.

    Args:
        inner: who is told.
    """

    def __init__(self, inner: Observer) -> None:
        self._inner = inner
        self.seconds = 0.0
        self.closing_seconds = 0.0

    def study_starts(self, *told) -> None:
        """See `Observer`."""
        self._timed(self._inner.study_starts, *told)

    def trial_ends(self, *told) -> None:
        """See `Observer`."""
        self._timed(self._inner.trial_ends, *told)

    def study_ends(self, *told) -> None:
        """See `Observer`."""
        self._timed(self._inner.study_ends, *told)

    def close(self) -> None:
        """See `Observer`."""
        began = time.monotonic()
        self._inner.close()
        self.closing_seconds = time.monotonic() - began

    def _timed(self, tell, *told) -> None:
        began = time.monotonic()
        tell(*told)
        self.seconds += time.monotonic() - began


def main() -> None:
    """Runs it all and prints what was found."""
    folder = Path(tempfile.mkdtemp(prefix="penchant-", dir="/tmp"))
    folder.chmod(0o711)
    os.environ["PENCHANT_HOME"] = str(folder / "home")
    data = noise_file(folder)
    port = free_port()
    uri = f"http://127.0.0.1:{port}"
    try:
        with postgres(folder) as database:
            with mlflow_server(database, port, folder):
                up = run(Study.create(data, trials=TRIALS, epochs=2, name="up", tracking_uri=uri))
                check(Study.load("up"), MlflowClient(uri))
                away = Study.create(data, trials=TRIALS, epochs=2, name="away", tracking_uri=uri)
            down = run(away)
            for name, (timed, seconds) in {"up": up, "away": down}.items():
                told = (
                    f"{1000 * timed.seconds:.1f} ms of {seconds:.1f} s in the tracker ({timed.seconds / seconds:.3%})"
                )
                print(f"MLflow {name}: {told}, {timed.closing_seconds:.1f} s to close", flush=True)
            with mlflow_server(database, port, folder):
                for count in KILLED_AFTER:
                    kill_in_the_middle(uri, count)
                resumed = subprocess.run(resume_command(), check=True, capture_output=True, text=True)
                assert "Traceback" not in resumed.stderr
                check(away, MlflowClient(uri))
        print(f"after two kills in the middle of writing, all {TRIALS} trials stand in MLflow exactly once")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def noise_file(folder: Path) -> str:
    """Two classes that a network learns in a few steps."""
    rng, y = np.random.default_rng(0), np.repeat([0, 1], 60)
    x = rng.normal(size=(120, 1, 4, 4)) + 2.0 * y[:, None, None, None]
    np.savez(folder / "blobs.npz", x_train=x.astype(np.float32), y_train=y)
    return str(folder / "blobs.npz")


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL that listens on a socket; the URL of its database."""
    owner = postgres_owner()
    login = {"POSTGRES_USER": "penchant", "POSTGRES_PASSWORD": "secret"}
    image = PostgresImage(folder / "postgres", owner, login, 5432, postgres_programs(folder))
    image.initialize([])

    def control(*command: str) -> None:
        who = {"user": owner.user, "group": owner.group, "extra_groups": None if owner.user is None else []}
        here = {"env": image.environment, "cwd": folder / "postgres", "stdout": subprocess.DEVNULL}
        subprocess.run(["pg_ctl", "--wait", "--silent", *command], check=True, **who, **here)

    control("--log=/dev/null", "--options=-c listen_addresses=''", "start")
    try:
        yield f"postgresql+psycopg://penchant@/penchant?host={folder / 'postgres'}"
    finally:
        control("--mode=fast", "stop")


@contextlib.contextmanager
def mlflow_server(database: str, port: int, folder: Path) -> Iterator[None]:
    """MLflow's server on the database, keeping artifacts in the folder; ends as a crash ends it."""
    where = ["--backend-store-uri", database, "--artifacts-destination", str(folder / "artifacts")]
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1", *where]
    with (folder / "server.log").open("ab") as log:
        environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/health", process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(study: Study) -> tuple[Timed, float]:
    """Runs a study with MLflow alone listening; how long it was in the tracker, and its seconds in all."""
    timed = Timed(study.observers()[-1])
    began = time.monotonic()
    study.run(InlineEngine(), [timed])
    return timed, time.monotonic() - began - timed.closing_seconds


def resume_command() -> list[str]:
    """What a person would type."""
    return [sys.executable, "-m", "search.cli", "resume", "away"]


def kill_in_the_middle(uri: str, count: int) -> None:
    """Lets a driver write until so many trials are in MLflow, and kills it."""
    client = MlflowClient(uri)
    process = subprocess.Popen(resume_command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(children(client, "away")) < count:
        time.sleep(0.05)
    assert process.poll() is None, "the driver was done before it could be killed"
    process.kill()
    process.wait()
    states = Counter(run.info.status for run in children(client, "away"))
    assert sum(states.values()) < TRIALS
    print(f"killed with {sum(states.values())} trials in MLflow, {states['RUNNING']} of them half-written", flush=True)


def children(client: MlflowClient, name: str) -> list:
    """The child runs of a study."""
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        return []
    return list(client.search_runs([experiment.experiment_id], "tags.`penchant.role` = 'trial'", max_results=5000))


def check(study: Study, client: MlflowClient) -> None:
    """Every trial, tag, param and point once, as the database tells them; one parent, one registered version."""
    trials = study._trial_store.load()
    runs = children(client, study.name)
    assert sorted(int(run.data.tags["penchant.trial"]) for run in runs) == list(range(TRIALS))
    for run in runs:
        check_trial(trials[int(run.data.tags["penchant.trial"])], run, study, client)
    experiment = client.get_experiment_by_name(study.name).experiment_id
    (parent,) = client.search_runs([experiment], "tags.`penchant.role` = 'study'")
    assert parent.info.status == "FINISHED"
    assert study.verdict().sentence in parent.data.tags["mlflow.note.content"]
    for name in parent.data.metrics:
        assert name.startswith("system/") or len(client.get_metric_history(parent.info.run_id, name)) == 1, name
    assert len(client.search_model_versions(f"name = '{study.name}'")) == 1


def check_trial(trial: Trial, run, study: Study, client: MlflowClient) -> None:
    """One trial against its child run."""
    assert {**run.data.tags, **run_tags(trial)} == run.data.tags
    assert run.data.params == split_values(trial.candidate.choices())
    flops = run.data.metrics.get("flops")
    expected = Counter(run_points(trial, study.specification.metric, None if flops is None else int(flops)))
    found = Counter(
        (name, point.value, point.step)
        for name in run.data.metrics
        for point in client.get_metric_history(run.info.run_id, name)
    )
    assert found == expected, (trial.number, found - expected, expected - found)


if __name__ == "__main__":
    main()
