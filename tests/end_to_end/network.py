"""A network as a container engine makes one: each host with a name, an address, ports and processes of its own."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.end_to_end.compose import Owner, Service, moved_volume

HOSTS_FILES = Path("/etc/netns")
"""Where `ip netns exec` looks for what it puts over /etc of a namespace."""
NO_SERVER = "nameserver 127.0.0.1\n"
"""Refuses at once; the machine's own server would be waited for, since gRPC asks for IPv6 addresses, too."""


@cache
def network_is_allowed() -> bool:
    """Whether this process may make network namespaces with links between them."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "unshare", "setpriv"))):
        return False
    name = f"probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True)
    if made.returncode == 0:
        made = subprocess.run(["ip", "link", "add", "type", "veth", "peer", "netns", name], capture_output=True)
        subprocess.run(["ip", "netns", "delete", name], check=True)  # and with it both ends of the link
    return made.returncode == 0


class Network:
    """Hosts on a bridge: they reach each other by name, and this machine reaches each by its address.

    A host has one folder that is not the others', at the same path on each, where Ray's nodes keep what they are, and
    sees no other's processes, among which a driver looks for its node.

    Args:
        hosts: their names.
        folder: of what they keep there; its path is short, since sockets lie below it.
    """

    def __init__(self, hosts: Sequence[str], folder: Path) -> None:
        self.own = folder / "own"
        self._folder = folder
        self._tag = secrets.token_hex(3)
        subnet = f"10.{secrets.randbelow(100) + 100}.{secrets.randbelow(256)}"
        self._gateway = f"{subnet}.1"
        self.addresses = {host: f"{subnet}.{number}" for number, host in enumerate(hosts, start=2)}
        self._made = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._make(stack)
            self._made = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._made.close()

    def _make(self, stack: ExitStack) -> None:
        for name in ("own", *self.addresses):
            (self._folder / name).mkdir()
        bridge = f"br-{self._tag}"
        _ip("link", "add", bridge, "type", "bridge")
        stack.callback(_ip, "link", "delete", bridge)
        _ip("address", "add", f"{self._gateway}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        names = "".join(f"{address} {host}\n" for host, address in self.addresses.items())
        for number, (host, address) in enumerate(self.addresses.items()):
            namespace, link = self._namespace(host), f"v{number}-{self._tag}"
            _ip("netns", "add", namespace)
            stack.callback(_ip, "netns", "delete", namespace)
            folder = HOSTS_FILES / namespace
            folder.mkdir(parents=True)
            stack.callback(shutil.rmtree, folder)
            (folder / "hosts").write_text(f"127.0.0.1 localhost\n{names}")
            (folder / "resolv.conf").write_text(NO_SERVER)
            _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace)
            _ip("link", "set", link, "master", bridge, "up")
            _ip("-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                _ip("-n", namespace, "link", "set", device, "up")
            _ip("-n", namespace, "route", "add", "default", "via", self._gateway)

    def _namespace(self, host: str) -> str:
        return f"{host}-{self._tag}"

    def inside(self, host: str, command: Sequence[str], owner: Owner | None = None) -> tuple[str, ...]:
        """The command that runs a command on a host; it must be started by root.

        Args:
            host: where.
            command: what.
            owner: whose process it becomes.
        """
        account = owner or Owner()
        become = () if account.user is None else _become(account)
        settle = 'hostname "$0" && mount --bind "$1" "$2" && shift 2 && exec "$@"'
        alone = ("unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
        settled = (*alone, "sh", "-c", settle, host, str(self._folder / host), str(self.own))
        ip = shutil.which("ip") or "ip"  # the path of a service leaves out where it often lies
        return (ip, "netns", "exec", self._namespace(host), *settled, *become, *command)


@dataclass(frozen=True)
class OnNetwork:
    """Where the services are on a network of their own: nothing is changed but the volume's path.

    Args:
        network: with a host a service.
        volume: path in the container.
        folder: path here.
    """

    network: Network
    volume: str
    folder: Path

    def seen_from_outside(self, text: str) -> str:
        """A URL of the file's with addresses in place of names, which this machine does not know."""
        names = "|".join(self.network.addresses)
        return re.sub(rf"\b({names})(?=:\d)", lambda name: self.network.addresses[name[0]], text)

    def inside(self, host: str, command: Sequence[str]) -> tuple[str, ...]:
        """The command that runs a command on a service's host."""
        return self.network.inside(host, command)

    def place(self, service: Service) -> Service:
        """The service on the host of its name."""

        def there(command: Sequence[str]) -> tuple[str, ...]:
            moved = [moved_volume(part, self.volume, self.folder) for part in command]
            return self.network.inside(service.name, moved, service.owner) if command else ()

        own = str(self.network.own)
        variables = {name: moved_volume(value, self.volume, self.folder) for name, value in service.environment.items()}
        return replace(
            service,
            command=there(service.command),
            environment={"HOME": own, "RAY_TMPDIR": own, **variables},
            healthcheck=there(service.healthcheck),
            owner=Owner(),  # who starts it is root still
        )


def _become(owner: Owner) -> tuple[str, ...]:
    return ("setpriv", f"--reuid={owner.user}", f"--regid={owner.group}", "--clear-groups")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
