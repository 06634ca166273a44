"""A study whose driver is killed or interrupted, with real processes and real Ray."""

import json
import os
import signal
import time
from collections import Counter
from functools import partial
from pathlib import Path

import psutil
import pytest

from search import Study
from tests.processes import run_penchant, start_penchant

pytestmark = pytest.mark.xdist_group("ray")

TRIALS = 10
RAY_AGENTS = ("ray::DashboardA", "ray::RuntimeEnv")  # after kill -9 of the driver these two idle for a minute


def recorded(home: Path, name: str = "digits"):
    """The study's trials as they stand in the database, or nothing before it is created."""
    if not (home / "penchant.db").exists():
        return None
    try:
        return Study.load(name).trials()
    except Exception:  # the tables are just being created by the other process
        return None


def wait_for_trials(process, home: Path, count: int):
    """Waits until so many trials have ended, and returns the record."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        trials = recorded(home)
        if trials is not None and len(trials) and (trials["state"] != "running").sum() >= count:
            return trials
        time.sleep(0.5)  # to read the record takes CPU time from the study
    raise AssertionError("the study does not come along")


@pytest.fixture
def interrupted(home):
    """A study stopped in the middle by a signal: its record then, and how the process ended."""
    started = []

    def stop(number: signal.Signals):
        arguments = ("--trials", str(TRIALS), "--epochs", "5", "--workers", "1", "--json")
        process = start_penchant("run", "digits", *arguments, home=home)
        started.append(process)
        wait_for_trials(process, home, 3)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        output, error = process.communicate(timeout=60)
        _, alive = psutil.wait_procs(children, timeout=10)
        training = [process for process in alive if not process.name().startswith(RAY_AGENTS)]
        assert not training, "workers outlived their driver"
        return process.returncode, output, error

    yield stop
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 130)],
    ids=["kill -9", "kill"],
)
def test_a_stopped_study_is_resumed(interrupted, penchant, trained_here, home, number, code):
    """Every trial that had ended is kept as it was, none is done twice, and MLflow has each once.

    To the program a kill is what Ctrl-C is, by the handler of SIGINT, which Ray leaves as it is, unlike this one.
    After kill -9 the study is resumed as it was begun, by a process with a Ray of its own.
    """
    ended_with, output, error = interrupted(number)
    assert ended_with == code
    assert output == ""
    if number != signal.SIGKILL:
        assert error.endswith("every finished trial is kept. Go on with: penchant resume digits\n")
        assert "Traceback" not in error
        assert "SIGTERM" not in error
    before = recorded(home)
    ended = before[before["state"] != "running"].set_index("number")
    assert 3 <= len(ended) < TRIALS

    resume = partial(run_penchant, home=home) if number == signal.SIGKILL else penchant
    code, output, error = resume("resume", "digits", "--json")
    assert code == 0, error
    document = json.loads(output)
    assert document["state"] == "finished"
    assert sum(document["trials"].values()) == TRIALS == document["budget"]["trials"]
    after = Study.load("digits").trials().set_index("number")
    assert after.loc[ended.index].astype(str).equals(ended.reindex(columns=after.columns).astype(str))
    assert Counter(after.index) == Counter(range(TRIALS))
    assert children_in_mlflow(home) == Counter(range(TRIALS))


def children_in_mlflow(home: Path) -> Counter:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("digits").experiment_id
    children = client.search_runs([experiment], "tags.`penchant.role` = 'trial'")
    assert all(child.info.status in ("FINISHED", "KILLED", "FAILED") for child in children)
    return Counter(int(child.data.tags["penchant.trial"]) for child in children)
