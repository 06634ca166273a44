"""An operation in one file outside the project takes part in everything, with no other edit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.cases import registered
from tests.processes import run_penchant
from tests.spaces.test_operation_file import ROLL

CONTRACT = """from spaces.contract import OperationContract
from spaces.operation_file import register_operations

register_operations(["mine.py"])


class TestRoll(OperationContract):
    operation = "roll"
"""
STUDY = """
data: mine.npz
operations: [mine.py]
space: {operations: [roll, dense], widths: [8, 16]}
trials: 10
epochs: 2
"""


@pytest.fixture
def folder(tmp_path, blobs_file) -> Path:
    """A user's folder: data, an operation, a study of it, and its test."""
    blobs_file.rename(tmp_path / "mine.npz")
    for name, text in (("mine.py", ROLL), ("test_mine.py", CONTRACT), ("study.yaml", STUDY)):
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.xdist_group("end_to_end")
def test_a_study_file_names_it_and_ray_workers_train_it(penchant, folder, home):
    """It is sampled, trained in processes that find it in no package, and judged; it must not change before the end."""
    code, output, error = run_penchant("run", str(folder / "study.yaml"), "--workers", "1", "--json", home=home)
    assert code == 0, error
    verdict = json.loads(output)
    assert {row["family"] for row in verdict["families"]} == {"shift", "feedforward"}
    assert all(row["failed"] == 0 for row in verdict["families"])
    (folder / "mine.py").write_text(ROLL + "\n# edited\n")
    code, output, error = penchant("verdict", "mine", "--json")  # what is recorded stays readable
    assert code == 0, error
    code, _, error = penchant("show", "mine")
    assert code == 2
    assert "found another source" in error
    assert error.count("\n") == 1


def test_it_is_listed_counted_evaluated_and_drawn(penchant, folder):
    """`operations`, `spaces`, `evaluate` and `show` take its file."""

    def told(*command: str) -> str:
        with registered():  # as if each were a process of its own
            code, output, error = penchant(*command, "--operations", str(folder / "mine.py"))
        assert code == 0, error
        return output

    rows = json.loads(told("operations", "--json"))
    assert {"name": "roll", "family": "shift"}.items() <= next(row for row in rows if row["name"] == "roll").items()
    assert "roll" in json.loads(told("spaces", "everything", "--json"))["operations"]
    document = json.loads(penchant("show", "resnet", "--json")[1])["architecture"]
    document |= {"stage1.operation": "roll", "stage2.operation": "roll"}
    (folder / "network.json").write_text(json.dumps(document))
    network = str(folder / "network.json")
    training = ("--architecture", network, "--steps", "20", "--seeds", "1", "--json")
    assert json.loads(told("evaluate", str(folder / "mine.npz"), *training))["families"] == ["shift"]
    assert "roll" in told("show", network)
    assert penchant("show", network)[0] == 2  # without its file it is unknown


def test_the_contract_judges_it(folder):
    """A test file of three lines runs every duty on it, in the user's folder."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    (folder / "mine.py").write_text(ROLL.replace("x.roll(1, dims=1)", "x.roll(1, dims=0)"))
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert found.returncode == 1
    assert "test_it_keeps_the_shape_and_rows_apart" in found.stdout


def test_an_installed_package_registers_it_by_entry_point(folder, home, monkeypatch):
    """A package that names its module in the group `penchant.operations` needs no option."""
    installed = folder / "site"
    (installed / "mine-1.0.dist-info").mkdir(parents=True)
    (installed / "rolling.py").write_text(ROLL)
    (installed / "mine-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (installed / "mine-1.0.dist-info" / "entry_points.txt").write_text("[penchant.operations]\nroll = rolling\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")]))
    code, output, error = run_penchant("operations", "--json", home=home)
    assert code == 0, error
    assert "roll" in {row["name"] for row in json.loads(output)}
