"""The command line as a user runs it, once as a real process with a Ray of its own; SQLite and a local MLflow store."""

import json

import pytest

from search.verdict.document import VerdictDocument
from tests.processes import run_penchant

pytestmark = pytest.mark.xdist_group("end_to_end")


def test_a_study_prints_one_json_document(home):
    """`run --json` prints the verdict with state and trials by phase, and nothing else on standard output."""
    arguments = ["run", "digits", "--trials", "12", "--epochs", "3", "--seed", "0", "--json"]
    code, output, error = run_penchant(*arguments, home=home)
    assert code == 0, error
    document = json.loads(output)
    assert document.pop("state") == "finished"
    assert sum(document.pop("trials").values()) == 12
    verdict = VerdictDocument.model_validate(document)
    assert verdict.to_json() == document
    assert verdict.winner is None  # 96 optimizer steps decide nothing
    assert "at least 500 are needed" in verdict.sentence
    assert 0 < verdict.budget.worker_busy_share <= 1
    assert "census" in error  # progress


def test_a_study_of_a_users_own_file(penchant, trained_here, blobs_file):
    """A file.npz ends in sentence, table, champion and how to look at it in MLflow."""
    code, output, error = penchant("run", str(blobs_file), "--trials", "10", "--epochs", "2")
    assert code == 0, error
    assert "On blobs, " in output
    assert "convolution" in output
    assert "Champion" in output
    assert "penchant ui blobs" in output
    assert "penchant report blobs" in output
    assert "workers busy" in output
