"""Studies on the cluster that docker-compose.yml describes, its services run as local processes."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from search.service.client import Client
from tests.end_to_end.compose import ComposeFile, OnThisMachine, Service
from tests.end_to_end.local_services import LocalServices
from tests.end_to_end.postgres_image import PostgresImage, postgres_owner, postgres_programs

pytestmark = pytest.mark.xdist_group("end_to_end")

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"
TRIALS = 14
SUBMITTED = ({"data": "digits", "trials": TRIALS, "epochs": 2}, {"data": "iris", "trials": 12, "epochs": 1})


@dataclass(frozen=True)
class Finished:
    """What a study left behind.

    Attributes:
        document: its verdict, as the service told it.
        events: kinds of all that it told while the study ran.
        database: libpq's URL of its database.
        tracking_uri: MLflow's.
    """

    document: dict[str, Any]
    events: list[str]
    database: str
    tracking_uri: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchall()


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on, below those that systems hand out by themselves."""
    found: set[int] = set()
    while len(found) < count:
        port = 20000 + secrets.randbelow(10000)
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.add(port)
    return list(found)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Short, since a socket's path has at most 107 characters, and open to PostgreSQL's owner."""
    path = Path(tempfile.mkdtemp(prefix="penchant-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def finished(folder: Path) -> Iterator[Finished]:
    """The services, up until the tests of this module are done, and the study that ran on them."""
    compose = ComposeFile.read(COMPOSE_FILE, {"POSTGRES_PASSWORD": secrets.token_hex(), "PENCHANT_CPUS": "1"})
    volume = folder / "volume"
    volume.mkdir(mode=0o700)
    postgres_port, mlflow_port, ray_port, api_port = free_ports(4)
    ports = {
        "postgres": (5432, postgres_port),
        "mlflow": (5000, mlflow_port),
        "ray-head": (6379, ray_port),
        "api": (8000, api_port),
    }
    machine = OnThisMachine(ports, "/penchant", volume)
    services = {name: machine.place(service) for name, service in compose.services.items()}
    programs = postgres_programs(folder)
    login = services["postgres"].environment
    postgres = PostgresImage(folder / "postgres", postgres_owner(), login, postgres_port, programs)
    postgres.initialize(list(compose.configs.values()))
    environment = container_environment(folder) | postgres.environment | path_of(programs)
    with LocalServices(environment, folder) as local:
        start_all(services, local)
        token = make_token(environment | services["api"].environment, folder)
        document, events = run_studies(Client(f"http://{machine.address('api')}", token))
        yield Finished(
            document=document,
            events=events,
            database=services["runner"].environment["PENCHANT_STORAGE"].replace("postgresql+psycopg", "postgresql"),
            tracking_uri=services["runner"].environment["PENCHANT_TRACKING_URI"],
        )


def container_environment(folder: Path) -> dict[str, str]:
    """All that a process gets beside its service's variables; nothing of the tests' own environment, as in a container.

    Ray's ports are open while the test runs, and no Docker network shields them: hence the token.
    """
    home = folder / "home"
    home.mkdir(mode=0o700)
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex()}
    return {"HOME": str(home), "RAY_TMPDIR": str(folder), **token}


def path_of(postgres: Path) -> dict[str, str]:
    return {"PATH": os.pathsep.join([sysconfig.get_path("scripts"), str(postgres), os.defpath])}


def start_all(services: dict[str, Service], local: LocalServices) -> None:
    """Starts everything in the file's order."""
    local.start(services["postgres"], postgres_owner())
    local.start(services["ray-head"])
    local.start(services["mlflow"])
    worker = local.start(services["ray-worker"])
    worker.wait_for(lambda: "Ray runtime started" in worker.tail(), "in the cluster", seconds=30)
    api = local.start(services["api"])
    api.wait_for(api.is_healthy, "healthy", seconds=90)
    local.start(services["runner"])


def make_token(environment: dict[str, str], folder: Path) -> str:
    """As `docker compose run --rm api penchant token create` would."""
    command = ["penchant", "token", "create", "--scope", "write", "--owner", "ann"]
    program = shutil.which(command[0], path=environment["PATH"])
    assert program is not None
    made = subprocess.run([program, *command[1:]], env=environment, cwd=folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def run_studies(client: Client) -> tuple[dict[str, Any], list[str]]:
    """Submits the studies and follows each to its end; verdict and kinds of events of the first."""
    names = [client.submit(asked) for asked in SUBMITTED]
    followed = [list(client.events(name)) for name in names]
    for name, events in zip(names, followed, strict=True):
        assert events[-1] == ("state", {**events[-1][1], "state": "finished"}), (name, events[-3:])
    return client.verdict(names[0]), [kind for kind, _ in followed[0]]


def test_the_verdict_and_every_trial_are_told_over_rest(finished: Finished):
    """One end a trial, and the verdict, on streams that a token opens."""
    assert finished.document["sentence"]
    assert finished.document["budget"]["trials"] == TRIALS
    assert finished.events.count("trial") == TRIALS
    assert finished.events[-2:] == ["verdict", "state"]


def test_nobody_is_served_without_a_token(finished: Finished):
    """Tokens are demanded although everything is on this machine; their secrets are not in the database."""
    ((hashed, owner),) = finished.rows("SELECT hash, owner FROM penchant_tokens")
    assert (len(hashed), owner) == (64, "ann")


def test_candidates_were_trained_on_both_nodes(finished: Finished):
    """The outcomes in PostgreSQL name two Ray nodes; the driver's own has no CPU."""
    query = "SELECT value_json FROM trial_user_attributes WHERE key LIKE 'outcome:%'"
    nodes = [json.loads(outcome)["node"] for (outcome,) in finished.rows(query)]
    assert len(nodes) >= TRIALS + SUBMITTED[1]["trials"]
    assert len(set(nodes)) == 2


def test_the_trials_are_in_postgresql(finished: Finished):
    """Each trial once, none left running, and the study with its verdict beside them."""
    query = "SELECT state FROM trials JOIN studies USING (study_id) WHERE study_name = 'digits'"
    states = [str(state) for (state,) in finished.rows(query)]
    assert len(states) == TRIALS
    assert set(states) <= {"COMPLETE", "PRUNED"}
    assert finished.rows("SELECT name, state, driver FROM penchant_studies ORDER BY name") == [
        ("digits", "finished", None),
        ("iris", "finished", None),
    ]
    ((document,),) = finished.rows("SELECT document FROM penchant_verdicts WHERE study = 'digits'")
    assert document["sentence"] == finished.document["sentence"]


def test_the_runs_are_in_mlflow(finished: Finished, tmp_path: Path):
    """A parent run with the verdict, and under it a run a trial with its choices and its learning curve."""
    from mlflow import MlflowClient

    client = MlflowClient(finished.tracking_uri)
    experiment = client.get_experiment_by_name("digits")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run is not parent]
    assert len(children) == TRIALS
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert parent.info.status == "FINISHED"
    for run in children:
        assert run.info.status in ("FINISHED", "KILLED")
        assert run.data.params["stages"] in ("1", "2", "3")
        assert client.get_metric_history(run.info.run_id, "search_score")
    verdict = Path(client.download_artifacts(parent.info.run_id, "verdict.json", str(tmp_path)))
    assert json.loads(verdict.read_text())["sentence"] == finished.document["sentence"]
