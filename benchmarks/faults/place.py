"""Place: a folder, a database and MLflow of a drill's own, and the real processes that work there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from search import Study
from search.request import requested
from search.storage.events import EventStore
from search.storage.queue import Queue
from search.storage.studies import Submission

QUESTION: dict[str, Any] = {
    "data": "digits",
    "space": {"operations": ["convolution", "dense"], "stages": [1, 2]},
    "trials": 16,
    "epochs": 2,
    "workers": 1,  # so that the seed repeats the whole study
    "prior": False,
    "seed": 1,
}
MARK = "PENCHANT_HOME"
LONGEST_SECONDS = 600.0


@dataclass
class Place:
    """Where a drill's studies are; everything that it starts is ended with it.

    Attributes:
        home: folder of the studies, unlike that of any other drill: by it the drill's processes are known.
        storage: URL of the database; SQLite in `home` by default.
        tracking_uri: MLflow's; SQLite in `home` by default.
        variables: further ones of every process.
    """

    home: Path
    storage: str = ""
    tracking_uri: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        self.storage = self.storage or f"sqlite:///{self.home / 'penchant.db'}"
        self.tracking_uri = self.tracking_uri or f"sqlite:///{self.home / 'mlflow.db'}"
        named = {MARK: str(self.home), "PENCHANT_STORAGE": self.storage, "PENCHANT_TRACKING_URI": self.tracking_uri}
        self._environment = {**os.environ, **named, **self.variables}
        os.environ.update(named)  # what this process reads lies there, too

    def submit(self, name: str, **asked: Any) -> Study:
        """Lets a study wait for a runner."""
        return Study.requested(requested({**QUESTION, **asked, "name": name}), Submission("drill"))

    def start(self, *command: str, log: str, **variables: str) -> subprocess.Popen[bytes]:
        """Starts a process in a session of its own; what it says goes to a file in `home`."""
        with (self.home / f"{log}.log").open("ab") as file:
            return subprocess.Popen(
                command,
                env={**self._environment, **variables},
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def runner(self, *options: str, log: str = "runner", **variables: str) -> subprocess.Popen[bytes]:
        """Starts `penchant runner`."""
        return self.start(sys.executable, "-m", "search.cli", "runner", *options, log=log, **variables)

    def processes(self) -> list[psutil.Process]:
        """All processes of this place, whoever started them."""
        return [process for process in psutil.process_iter() if _variable(process, MARK) == str(self.home)]

    def drivers(self) -> list[psutil.Process]:
        """Those that drive a study."""
        return [process for process in self.processes() if "search.service.drive" in command_of(process)]

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            mine = [process for process in self.processes() if process.pid != os.getpid()]
            for process in mine:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(sign)
            psutil.wait_procs(mine, timeout=5)


def _variable(process: psutil.Process, name: str) -> str:
    """A variable of the environment that a process was started with."""
    try:
        return process.environ().get(name, "")
    except (psutil.Error, OSError):
        return ""


def command_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing where it has ended."""
    try:
        return process.cmdline()
    except (psutil.Error, OSError):
        return []


def kill(*processes: psutil.Process | subprocess.Popen[bytes]) -> None:
    """Kill -9, all of them before any is waited for."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            os.kill(process.pid, signal.SIGKILL)
    for process in processes:
        process.wait()


def tree(leader: psutil.Process | subprocess.Popen[bytes]) -> list[psutil.Process]:
    """A process and all that it started."""
    process = psutil.Process(leader.pid)
    return [process, *process.children(recursive=True)]


def is_at_rest(study: Study) -> bool:
    """Whether it has ended, and its runner will not let it go on; not known while its database is away."""
    try:
        is_leased = Queue(study._database).is_leased(study.name)  # asked first: what its runner does then is seen
        return study.state == "finished" or (study.state == "failed" and not is_leased)
    except Exception:
        return False


def wait_until(condition: Callable[[], bool], what: str, seconds: float = LONGEST_SECONDS) -> float:
    """Waits until it holds, and returns for how many seconds that was.

    Raises:
        AssertionError: it never does.
    """
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not {what} after {seconds:.0f} s"
        time.sleep(0.1)
    return time.monotonic() - began


def wait_for_trials(study: Study, count: int = 3) -> None:
    """Waits until so many trials have ended, the study being under way.

    Raises:
        AssertionError: it has ended too.
    """
    wait_until(lambda: ended(study) >= count, f"{study.name} under way")
    assert not is_at_rest(study), f"{study.name} was done before anything could be done to it: give it more trials"


def follow(study: Study, seconds: float = LONGEST_SECONDS, before: int | None = None) -> float | None:
    """Follows a study until it has ended or the time is over.

    Args:
        study: whose database may be away meanwhile.
        seconds: at most.
        before: how many trials had ended before the fault; as many as have by default.

    Returns:
        Seconds until the next trial ended; None where none did.
    """
    began, pause = time.monotonic(), None
    before = ended(study) if before is None else before
    while not is_at_rest(study) and time.monotonic() - began < seconds:
        if pause is None and ended(study) > before:
            pause = time.monotonic() - began
        time.sleep(0.2)
    return pause


def ended(study: Study) -> int:
    """How many trials have ended; 0 while the database is away."""
    try:
        return len(EventStore(study._database).trials(study.name))
    except Exception:
        return 0
