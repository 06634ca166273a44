"""Embedded: the application and a runner in one process, which is all that one machine needs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from types import TracebackType
from typing import Self

import uvicorn

from search.service.application import create_application
from search.service.runner import Runner
from search.service.site import Site

LOOPBACK = ("127.0.0.1", "::1", "localhost")
STOP_SECONDS = 3
"""What open streams may take to end when the server does."""


def serve(site: Site, host: str, port: int, runner: Runner | None, proxies: str, tell: Callable[[str], None]) -> None:
    """Serves until it is interrupted; the runner's studies are interrupted then and wait for the next.

    Args:
        site: what is served.
        host: address to listen on.
        port: of it; any free one where it is 0.
        runner: drives studies meanwhile.
        proxies: addresses of proxies that are believed whom they speak for.
        tell: is given a line when the server listens.
    """
    config = uvicorn.Config(
        create_application(site),
        host,
        port,
        log_level="warning",
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=STOP_SECONDS,
        server_header=False,
    )
    with config.bind_socket() as socket, nullcontext() if runner is None else _InThread(runner):
        address = socket.getsockname()
        tell(f"listening on http://{f'[{address[0]}]' if ':' in address[0] else address[0]}:{address[1]}")
        uvicorn.Server(config).run([socket])


class _InThread:
    """A runner at work beside the application; each of its studies has a process of its own anyway."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._thread = threading.Thread(target=runner.run, name="penchant-runner")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.stop()
        self._thread.join()
