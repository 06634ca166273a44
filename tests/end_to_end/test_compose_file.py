"""docker-compose.yml is well-formed and opens nothing that it should not."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from compose_viz.spec.compose_spec import ComposeSpecification
from pydantic import ValidationError

from tests.end_to_end.compose import ComposeFile, OnThisMachine, interpolate
from tests.end_to_end.network import Network, OnNetwork

PATH = Path(__file__).parents[2] / "docker-compose.yml"
PROGRAMS = {"postgres", "pg_isready", "mlflow", "ray", "penchant", "sh", "python", "true", "sleep"}  # of the two images
KEYWORDS = {"while", "do", "done", "exec"}


@pytest.fixture
def compose() -> ComposeFile:
    return ComposeFile.read(PATH, {"POSTGRES_PASSWORD": "secret"})


def programs(command: tuple[str, ...]) -> list[str]:
    """The programs of a command, with those of a shell's script."""
    if command[:2] != ("sh", "-c"):
        return [command[0]]
    script = [shlex.split(part) for part in re.split(r"&&|\|\||[;&]", command[2])]
    return ["sh", *(next(word for word in words if word not in KEYWORDS) for words in script if words != ["done"])]


def of_the_specification(document: dict) -> dict:
    """Without what begins with x-, which the specification allows everywhere and its models nowhere."""
    return {key: value for key, value in document.items() if not key.startswith("x-")}


def test_the_file_follows_the_specification():
    """Every key is one that Compose knows and every value of a kind that it takes; a slip of the pen is neither."""
    document = of_the_specification(yaml.safe_load(PATH.read_text()))
    ComposeSpecification.model_validate(document)
    for slip in ({"imagee": "penchant"}, {"healthcheck": {"tests": ["CMD", "true"]}}, {"ports": [{"from": 8000}]}):
        wrong = document | {"services": document["services"] | {"api": document["services"]["api"] | slip}}
        with pytest.raises(ValidationError):
            ComposeSpecification.model_validate(wrong)


def test_every_service_runs_a_program_that_its_image_has(compose: ComposeFile):
    """Commands and health checks name ray, mlflow, penchant, postgres and what every image has."""
    for service in compose.services.values():
        assert service.command, service.name
        used = programs(service.command) + list(service.healthcheck[:1])
        assert set(used) <= PROGRAMS, service.name


def test_whatever_ends_is_started_again():
    """A crash of a service, or of the machine, costs a study no more than a pause."""
    services = yaml.safe_load(PATH.read_text())["services"]
    assert {service["restart"] for service in services.values()} == {"unless-stopped"}


def test_only_the_page_and_mlflow_are_reachable_from_outside(compose: ComposeFile):
    """A port each, on the loopback address; the page demands tokens."""
    published = {name: service.ports for name, service in compose.services.items() if service.ports}
    assert published == {"mlflow": ("127.0.0.1:5000:5000",), "api": ("127.0.0.1:8000:8000",)}
    assert "--demand-tokens" in compose.services["api"].command


def test_dependencies_exist_and_can_be_waited_for(compose: ComposeFile):
    """A service waits for services of the file; for health only of those that have a check."""
    for service in compose.services.values():
        for other, condition in service.depends_on.items():
            assert other in compose.services
            assert condition == "service_started" or compose.services[other].healthcheck


def test_the_password_comes_from_the_environment(compose: ComposeFile):
    """Without it the file is refused; with it, it reaches the server and whoever logs in there."""
    with pytest.raises(ValueError, match="POSTGRES_PASSWORD is missing"):
        ComposeFile.read(PATH, {})
    text = PATH.read_text()
    assert text.count(":${POSTGRES_PASSWORD:?set it in the environment}@postgres:5432") == text.count("@postgres") > 0
    storage = compose.services["runner"].environment["PENCHANT_STORAGE"]
    assert storage == "postgresql+psycopg://penchant:secret@postgres:5432/penchant"
    assert compose.services["postgres"].environment["POSTGRES_PASSWORD"] == "secret"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${CPUS:-2}", "2"),
        ("a=${SET:-2}/${SET:?needed}", "a=x/x"),
        ("${EMPTY:-2}", "2"),
        ("${MISSING}$$HOME", "$HOME"),
    ],
)
def test_variables_are_replaced_as_compose_does(text: str, value: str):
    """Defaults stand in for what is missing or empty; two dollars are one."""
    assert interpolate(text, {"SET": "x", "EMPTY": ""}) == value


def test_a_service_keeps_all_but_its_places(compose: ComposeFile):
    """On a machine without containers addresses, ports and the volume change; names in URLs that look alike do not."""
    ports = {"postgres": (5432, 1), "mlflow": (5000, 2), "ray-head": (6379, 3)}
    machine = OnThisMachine(ports, "/penchant", Path("/somewhere"))
    runner, mlflow, head = (machine.place(compose.services[name]) for name in ("runner", "mlflow", "ray-head"))
    assert runner.environment["PENCHANT_STORAGE"] == "postgresql+psycopg://penchant:secret@127.0.0.1:1/penchant"
    assert runner.environment["PENCHANT_HOME"] == "/somewhere"
    ports_flags = "--min-worker-port=0 --max-worker-port=0"
    node, run = runner.command[2].split(" & ")
    start = f"ray start {ports_flags} --address=127.0.0.1:3 --num-cpus=0 --block"
    assert node == f"while true; do {start}; sleep 5; done"
    assert run == "exec penchant runner --address 127.0.0.1:3"
    assert "--artifacts-destination=/somewhere/mlartifacts" in mlflow.command
    assert {"--host=127.0.0.1", "--port=2"} < set(mlflow.command)
    assert mlflow.environment["MLFLOW_SERVER_ALLOWED_HOSTS"] == "127.0.0.1:2,localhost:2,127.0.0.1:2"
    assert head.command[:4] == ("ray", "start", "--head", "--port=3")


def test_on_a_network_a_service_keeps_all_but_its_folders(compose: ComposeFile):
    """Names and ports stay; seen from this machine, a name in a URL is an address."""
    network = Network(list(compose.services), Path("/hosts"))
    place = OnNetwork(network, "/penchant", Path("/somewhere"))
    for name, service in compose.services.items():
        there = place.place(service)
        moved = tuple(part.replace("=/penchant/", "=/somewhere/") for part in service.command)
        assert there.command == network.inside(name, moved)
        own = {"HOME": "/hosts/own", "RAY_TMPDIR": "/hosts/own"}
        home = {"PENCHANT_HOME": "/somewhere"} if "PENCHANT_HOME" in service.environment else {}
        assert there.environment == {**service.environment, **own, **home}
    assert place.seen_from_outside("http://api:8000/api") == f"http://{network.addresses['api']}:8000/api"
    assert place.seen_from_outside("penchant:api@postgres:5432") == f"penchant:api@{network.addresses['postgres']}:5432"
