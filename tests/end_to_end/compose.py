"""docker-compose.yml, read as Compose reads it, and its services told where they are on a machine without containers.

A service keeps its very command and environment; what differs from Docker stands in `OnThisMachine`, and in
`tests.end_to_end.network.OnNetwork` where a machine allows networks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\})")


@dataclass(frozen=True)
class Owner:
    """The account of a process; by default that of the tests."""

    user: int | None = None
    group: int | None = None


@dataclass(frozen=True)
class Service:
    """One service of the file.

    Attributes:
        name: its name, which is its host name on Compose's network.
        command: what it runs.
        environment: its variables.
        healthcheck: command that succeeds once it is healthy; empty where it has none.
        depends_on: service -> condition, `service_healthy` or `service_started`.
        ports: what it publishes, as written.
        owner: whose process it is.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    healthcheck: tuple[str, ...]
    depends_on: Mapping[str, str]
    ports: tuple[str, ...]
    owner: Owner = field(default_factory=Owner)


@dataclass(frozen=True)
class ComposeFile:
    """Everything in the file that the tests use.

    Attributes:
        services: by name.
        configs: name -> content of the file that Compose would make of it.
    """

    services: Mapping[str, Service]
    configs: Mapping[str, str]

    @classmethod
    def read(cls, path: Path, variables: Mapping[str, str]) -> ComposeFile:
        """Reads the file with these variables in place of the environment's.

        Args:
            path: of docker-compose.yml.
            variables: what `${NAME}` stands for.

        Raises:
            ValueError: a variable that the file demands is missing.
        """
        document = _interpolated(yaml.safe_load(path.read_text()), variables)
        services = {name: _service(name, described) for name, described in document["services"].items()}
        configs = {name: config["content"] for name, config in document.get("configs", {}).items()}
        return cls(services, configs)


@dataclass(frozen=True)
class OnThisMachine:
    """Where the services are without containers; all that is changed in their commands and environments.

    - Host names and listening addresses become 127.0.0.1, ports become free ones of this machine.
    - The volume's path becomes a folder of this machine.
    - `ray start` gets `--min-worker-port=0 --max-worker-port=0`: in containers every node counts its workers' ports up
      from 10002; on one machine the nodes would collide.

    Args:
        ports: service -> (its port in the container, its port here).
        volume: path in the container.
        folder: path here.
    """

    ports: Mapping[str, tuple[int, int]]
    volume: str
    folder: Path

    _RAY_START = ("ray", "start")
    _WORKER_PORTS = ("--min-worker-port=0", "--max-worker-port=0")

    def seen_from_outside(self, text: str) -> str:
        """A URL of the file's with the addresses of this machine."""
        return self._here(text)

    def inside(self, host: str, command: Sequence[str]) -> tuple[str, ...]:
        """The command that runs a command beside a service."""
        return tuple(command)

    def place(self, service: Service) -> Service:
        """The service with the addresses and paths of this machine."""
        return replace(
            service,
            command=self._with_worker_ports([self._here(part) for part in service.command]),
            environment={name: self._here(value) for name, value in service.environment.items()},
            healthcheck=tuple(self._here(part) for part in service.healthcheck),
        )

    def _here(self, text: str) -> str:
        text = moved_volume(text, self.volume, self.folder)
        text = re.sub(rf"\b({'|'.join(self.ports)})(?=:\d)|\b0\.0\.0\.0\b", "127.0.0.1", text)
        for inside, here in self.ports.values():
            text = re.sub(rf"(?<=[:=]){inside}\b", str(here), text)
        return text

    def _with_worker_ports(self, command: Sequence[str]) -> tuple[str, ...]:
        if tuple(command[:2]) == self._RAY_START:
            return (*command, *self._WORKER_PORTS)
        start = " ".join(self._RAY_START)
        return tuple(part.replace(f"{start} ", " ".join((start, *self._WORKER_PORTS, ""))) for part in command)


def moved_volume(text: str, volume: str, folder: Path) -> str:
    """A part of a command, or a variable, with a folder of this machine in place of the volume's path."""
    return re.sub(rf"(^|=){re.escape(volume)}(?=/|$)", rf"\g<1>{folder}", text)


def _interpolated(node: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _interpolated(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [_interpolated(item, variables) for item in node]
    return interpolate(node, variables) if isinstance(node, str) else node


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}`; `$$` is a dollar.

    Args:
        text: a string of the file.
        variables: what the names stand for; an empty one counts as missing.

    Raises:
        ValueError: a variable marked `:?` is missing.
    """

    def value(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        found = variables.get(match["name"], "")
        if found:
            return found
        if match["kind"] == ":?":
            raise ValueError(f"{match['name']} is missing: {match['rest']}")
        return match["rest"] if match["kind"] == ":-" else ""

    return _VARIABLE.sub(value, text)


def _service(name: str, described: dict[str, Any]) -> Service:
    healthcheck = described.get("healthcheck", {}).get("test", ["CMD"])
    assert healthcheck[0] == "CMD", f"{name}: expected a health check in the form [CMD, ...], found {healthcheck}"
    depends_on = described.get("depends_on", {})
    return Service(
        name=name,
        command=tuple(described.get("command", ())),
        environment={key: str(value) for key, value in described.get("environment", {}).items()},
        healthcheck=tuple(healthcheck[1:]),
        depends_on={other: condition["condition"] for other, condition in depends_on.items()},
        ports=tuple(described.get("ports", ())),
    )
