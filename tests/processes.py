"""Real `penchant` processes for tests."""

import os
import signal
import subprocess
import sys
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
