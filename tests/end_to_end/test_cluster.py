"""Studies on the cluster that docker-compose.yml describes, its services run as local processes."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from search.service.client import Client
from tests.end_to_end.compose import ComposeFile, OnThisMachine, Service
from tests.end_to_end.local_services import LocalServices
from tests.end_to_end.network import Network, OnNetwork, network_is_allowed
from tests.end_to_end.postgres_image import PostgresImage, postgres_owner, postgres_programs

pytestmark = pytest.mark.xdist_group("end_to_end")

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"
TRIALS = 14
WORKERS = ("ray-worker-1", "ray-worker-2")
MAKE_TOKEN = ("penchant", "token", "create", "--scope", "write", "--owner", "ann")
RECORDED_RUNS = Path(__file__).with_name("recorded_runs.py")
SUBMITTED = ({"data": "digits", "trials": TRIALS, "epochs": 2}, {"data": "iris", "trials": 12, "epochs": 1})


@dataclass(frozen=True)
class Finished:
    """What a study left behind.

    Attributes:
        document: its verdict, as the service told it.
        events: kinds of all that it told while the study ran.
        database: libpq's URL of its database.
        runs: what MLflow says of it, see `recorded_runs`.
    """

    document: dict[str, Any]
    events: list[str]
    database: str
    runs: list[dict[str, Any]]

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
def compose() -> ComposeFile:
    """The file, with as many workers as `--scale ray-worker=2` makes of it."""
    read = ComposeFile.read(COMPOSE_FILE, {"POSTGRES_PASSWORD": secrets.token_hex(), "PENCHANT_CPUS": "1"})
    services = dict(read.services)
    services["postgres"] = replace(services["postgres"], owner=postgres_owner())
    worker = services.pop("ray-worker")
    services |= {name: replace(worker, name=name) for name in WORKERS}
    return replace(read, services=services)


@pytest.fixture(scope="module")
def place(compose: ComposeFile, folder: Path) -> Iterator[OnThisMachine | OnNetwork]:
    """Where the services are: each on a host of its own where that is allowed, else on ports of this machine."""
    volume = folder / "volume"
    volume.mkdir(mode=0o700)
    if network_is_allowed():
        with Network(list(compose.services), folder) as network:
            yield OnNetwork(network, "/penchant", volume)
    else:
        inside = {"postgres": 5432, "mlflow": 5000, "ray-head": 6379, "api": 8000}
        free = zip(inside.values(), free_ports(len(inside)), strict=True)
        yield OnThisMachine(dict(zip(inside, free, strict=True)), "/penchant", volume)


@pytest.fixture(scope="module")
def finished(place: OnThisMachine | OnNetwork, compose: ComposeFile, folder: Path) -> Iterator[Finished]:
    """The services, up until the tests of this module are done, and the studies that ran on them."""
    programs = postgres_programs(folder)
    postgres = PostgresImage(
        folder / "database",
        postgres_owner(),
        compose.services["postgres"].environment,
        int(place.seen_from_outside("postgres:5432").rpartition(":")[2]),
        programs,
        serves_network=isinstance(place, OnNetwork),
    )
    postgres.initialize(list(compose.configs.values()))
    environment = container_environment(folder) | postgres.environment | path_of(programs)
    services = {name: place.place(service) for name, service in compose.services.items()}
    with LocalServices(environment, folder) as local:
        start_all(services, local)
        beside_api = environment | services["api"].environment
        token = printed(place.inside("api", MAKE_TOKEN), beside_api, folder)
        document, events = run_studies(Client(place.seen_from_outside("http://api:8000"), token))
        read_runs = [
            sys.executable,
            str(RECORDED_RUNS),
            services["runner"].environment["PENCHANT_TRACKING_URI"],
            "digits",
        ]
        storage = compose.services["runner"].environment["PENCHANT_STORAGE"]
        yield Finished(
            document=document,
            events=events,
            database=place.seen_from_outside(storage.replace("postgresql+psycopg", "postgresql")),
            runs=json.loads(printed(place.inside("runner", read_runs), environment, folder)),
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


def start_all(services: Mapping[str, Service], local: LocalServices) -> None:
    """Starts everything in the file's order."""
    for name in ("postgres", "ray-head", "mlflow"):
        local.start(services[name])
    workers = [local.start(services[name]) for name in WORKERS]
    for worker in workers:
        worker.wait_for(lambda worker=worker: "Ray runtime started" in worker.tail(), "in the cluster", seconds=60)
    api = local.start(services["api"])
    api.wait_for(api.is_healthy, "healthy", seconds=90)
    local.start(services["runner"])


def printed(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> str:
    """What a program prints that runs beside a service, as `docker compose run --rm` would."""
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


def test_candidates_were_trained_on_all_nodes(finished: Finished):
    """The outcomes in PostgreSQL name the head and both workers; the driver's own node has no CPU."""
    query = "SELECT value_json FROM trial_user_attributes WHERE key LIKE 'outcome:%'"
    nodes = [json.loads(outcome)["node"] for (outcome,) in finished.rows(query)]
    assert len(nodes) >= TRIALS + SUBMITTED[1]["trials"]
    assert len(set(nodes)) == 1 + len(WORKERS)


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


def test_the_runs_are_in_mlflow(finished: Finished):
    """A parent run with the verdict, and under it a run a trial with its choices and its learning curve."""
    (parent,) = [run for run in finished.runs if run["parent"] is None]
    children = [run for run in finished.runs if run is not parent]
    assert len(children) == TRIALS
    assert {run["parent"] for run in children} == {parent["id"]}
    assert parent["status"] == "FINISHED"
    assert parent["sentence"] == finished.document["sentence"]
    for run in children:
        assert run["status"] in ("FINISHED", "KILLED")
        assert run["params"]["stages"] in ("1", "2", "3")
        assert run["scores"]
