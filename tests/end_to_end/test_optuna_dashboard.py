"""Optuna's own dashboard opens the database of a study."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from search import Study
from tests.processes import free_port, wait_until_it_answers
from workers.inline_engine import InlineEngine

pytestmark = pytest.mark.xdist_group("end_to_end")  # not beside another of these: all are slow to start


def test_optunas_dashboard_shows_the_trials(blobs_file, home):
    """The study with its trials, their values, choices and learning curves, through the server behind its page."""
    study = Study.create(str(blobs_file), trials=5, epochs=1, name="mine")
    study.run(InlineEngine(), [])
    address = f"http://127.0.0.1:{free_port()}"
    program = str(Path(sys.executable).parent / "optuna-dashboard")
    command = [program, f"sqlite:///{home / 'penchant.db'}", "--port", address.rpartition(":")[2]]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_it_answers(address, process)
            (listed,) = answer(f"{address}/api/studies")["study_summaries"]
            trials = answer(f"{address}/api/studies/{listed['study_id']}")["trials"]
        finally:
            process.kill()
    assert listed["study_name"] == "mine"
    frame = study.trials()
    frame = frame[frame["state"] == "complete"].set_index("number")["search_score"]
    complete = [trial for trial in trials if trial["state"] == "Complete"]
    assert {trial["number"]: trial["values"][0] for trial in complete} == frame.to_dict()
    assert all(trial["intermediate_values"] for trial in complete)


def answer(url: str):
    with urllib.request.urlopen(url, timeout=30) as response:
        return json.load(response)
