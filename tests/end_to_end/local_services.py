"""Services as local processes: started in the order of their dependencies, watched, and ended with all they started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.end_to_end.compose import Service

POLL_SECONDS = 0.3
GRACE_SECONDS = 3.0
TAIL_LINES = 40


class ServiceFailed(AssertionError):
    """A service ended or stayed unhealthy; the message ends with the tail of its log."""


class LocalService:
    """A service's process, the leader of a session of its own.

    Args:
        service: what to run, with the addresses of this machine.
        environment: the whole environment of the process and of its health checks.
        folder: where it runs and its log lies.
    """

    def __init__(self, service: Service, environment: Mapping[str, str], folder: Path) -> None:
        self.service = service
        self.log = folder / f"{service.name}.log"
        self._environment = dict(environment)
        self._folder = folder
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                service.command,
                env=self._environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=service.owner.user,
                group=service.owner.group,
                extra_groups=None if service.owner.user is None else [],
            )

    def is_healthy(self) -> bool:
        """Runs the service's own health check."""
        check = subprocess.run(
            self.service.healthcheck, env=self._environment, cwd=self._folder, capture_output=True, timeout=20
        )
        return check.returncode == 0

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        """Waits until the condition holds.

        Args:
            condition: asked again and again.
            what: it means, for the message.
            seconds: to wait at most.

        Raises:
            ServiceFailed: the process ended before, or the time is over.
        """
        end = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None:
                raise ServiceFailed(
                    f"{self.service.name} ended with {self.process.returncode}, not {what}\n{self.tail()}"
                )
            if time.monotonic() > end:
                raise ServiceFailed(f"{self.service.name} is not {what} after {seconds:.0f} s\n{self.tail()}")
            time.sleep(POLL_SECONDS)

    def wait(self, seconds: float) -> int:
        """Waits for the end of a service that ends by itself.

        Args:
            seconds: to wait at most.

        Returns:
            Its exit code.

        Raises:
            ServiceFailed: it has not ended.
        """
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ServiceFailed(f"{self.service.name} still runs after {seconds:.0f} s\n{self.tail()}") from None

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


class LocalServices:
    """Services that run at the same time; leaving the context ends them.

    Args:
        environment: what every process gets beside its service's own variables.
        folder: where processes run and logs lie.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self._running: dict[str, LocalService] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end_sessions([running.process for running in self._running.values()])

    def start(self, service: Service) -> LocalService:
        """Starts a service as soon as those it depends on are as it expects them.

        Args:
            service: with the addresses of this machine.

        Raises:
            ServiceFailed: one of those it depends on ended or does not become healthy.
        """
        for other, condition in service.depends_on.items():
            if condition == "service_healthy":
                needed = self._running[other]
                needed.wait_for(needed.is_healthy, "healthy", seconds=60)
        environment = {**self._environment, **service.environment}
        started = LocalService(service, environment, self._folder)
        self._running[service.name] = started
        return started


def end_sessions(leaders: list[subprocess.Popen[bytes]]) -> None:
    """Ends the sessions that these processes lead: first asks, then kills.

    Whatever a service started is in its session, also what it left behind as a daemon; what others started is not.

    Args:
        leaders: processes started with `start_new_session`.
    """
    sessions = {leader.pid for leader in leaders}
    for sign, seconds in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, GRACE_SECONDS)):
        for pid in _members(sessions):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
        end = time.monotonic() + seconds
        while _members(sessions) and time.monotonic() < end:
            time.sleep(0.1)
    for leader in leaders:
        leader.wait()


def _members(sessions: set[int]) -> list[int]:
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(pid) in sessions and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                members.append(pid)
    return members
