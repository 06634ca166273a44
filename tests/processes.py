"""Real `penchant` processes for tests."""

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

PENCHANT = str(Path(sys.executable).parent / "penchant")


def start_penchant(*arguments: str, home: Path, **options) -> subprocess.Popen:
    """Starts a command in a session of its own, with its studies in `home`."""
    return subprocess.Popen(
        [PENCHANT, *arguments],
        env={**os.environ, "PENCHANT_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_interrupts,
        **options,
    )


def _heed_interrupts() -> None:
    """Whoever runs the tests in the background of a shell hands down that Ctrl-C is to be ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_penchant(*arguments: str, home: Path, timeout: float = 240) -> tuple[int, str, str]:
    """Runs a command to its end and returns exit code, standard output and standard error."""
    with start_penchant(*arguments, home=home) as process:
        try:
            output, error = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return process.returncode, output, error


def free_port() -> int:
    """A port on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_answers(url: str, process: subprocess.Popen, seconds: float = 90) -> None:
    """Waits for a server that was started, and fails where it ends before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args} ended with {process.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")
