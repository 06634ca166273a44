"""What all tests share: one torch thread, a home of their own, a small data set, commands in this process."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from search import Study
from search.cli import main
from tests.contracts.cases import registered
from workers.datasets.dataset import Dataset, from_arrays
from workers.inline_engine import InlineEngine


@pytest.fixture(autouse=True, scope="session")
def one_torch_thread():
    """Tests run side by side on few cores, as workers do."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the studies of whoever runs it."""
    for variable in ("PENCHANT_STORAGE", "PENCHANT_TRACKING_URI", "PENCHANT_CHECKPOINTS"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("PENCHANT_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def operations():
    """No test leaves a user's operation to the next one, whose sampled networks would have it."""
    with registered():
        yield


@pytest.fixture(scope="session")
def blobs() -> Dataset:
    """Two classes of 4 x 4 images, told apart by the mean: learned in a few steps."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 60)
    x = rng.normal(size=(120, 1, 4, 4)).astype(np.float32) + 2.0 * y[:, None, None, None]
    return from_arrays("blobs", x.astype(np.float32), y)


def write_blobs(path: Path) -> Path:
    """Writes the same kind of data as a user's own file."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 60)
    x = rng.normal(size=(120, 1, 4, 4)) + 2.0 * y[:, None, None, None]
    np.savez(path, x_train=x.astype(np.float32), y_train=y)
    return path


@pytest.fixture
def blobs_file(tmp_path: Path) -> Path:
    """The same kind of data as a user's own file."""
    return write_blobs(tmp_path / "blobs.npz")


@pytest.fixture
def trained_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that start a study train in this process, where a Ray would take most of the time."""
    monkeypatch.setattr(Study, "_ray", lambda self: InlineEngine())


@pytest.fixture
def penchant(capfd, monkeypatch):
    """Runs a command and returns exit code, standard output and standard error."""

    def command(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["penchant", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capfd.readouterr()

    return command
