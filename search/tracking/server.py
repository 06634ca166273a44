"""MlflowServer: MLflow's own server with its UI, as a process on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from types import TracebackType
from typing import Self

from search.settings import without_password
from spaces.errors import InvalidInput

HOST = "127.0.0.1"
USUAL_PORT = 5000
START_SECONDS = 120.0
"""Until it answers: it creates its tables first where there are none, and a loaded machine is slow."""
GRACE_SECONDS = 10.0


class MlflowServer:
    """Serves the record in a database to a browser on this machine; leaving the context ends it.

    Args:
        tracking_uri: of the database.
        port: to listen on; by default the usual one, or the next that is free.

    Raises:
        InvalidInput: another program listens on the port; on entering, MLflow cannot serve what is there.
    """

    def __init__(self, tracking_uri: str, port: int | None = None) -> None:
        self.port = _free_port() if port is None else port
        if not _is_free(self.port):
            raise InvalidInput(f"port {self.port}: found in use, expected a free one (leave it out to get the next)")
        self.address = f"http://{HOST}:{self.port}"
        self._tracking_uri = tracking_uri

    def __enter__(self) -> Self:
        # one process with one worker, which a person does not outrun; the address goes by the environment, since a
        # password in it would be shown by ps; in a session of its own, so that Ctrl-C is ours to hand on
        command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(self.port), "--workers", "1"]
        wanted = {"MLFLOW_BACKEND_STORE_URI": self._tracking_uri, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_LOGGING_LEVEL": "WARNING"}
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command,
            env={**quiet, **os.environ, **wanted},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,
        )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def wait(self) -> int:
        """Until it ends by itself; its exit code."""
        return self._process.wait()

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.address}/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip().splitlines() or ["it does not answer"]
        where = without_password(self._tracking_uri)
        raise InvalidInput(f"tracking URI {where}: expected a record that MLflow can serve, but: {said[-1]}")

    def _end(self) -> None:
        """The process and whatever it started: asked first, then killed."""
        self._said.close()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, sign)
                self._process.wait(GRACE_SECONDS)
                return
            except (ProcessLookupError, PermissionError):
                return
            except subprocess.TimeoutExpired:
                continue


def _free_port() -> int:
    return next(port for port in range(USUAL_PORT, USUAL_PORT + 1000) if _is_free(port))


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
