"""An export onto a disk without room, or killed halfway: nothing half-written under the name, and one line."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.processes import run_penchant, start_penchant

ROOM_KILOBYTES = 100
"""Less than the smallest of networks takes as MLflow keeps it."""


@pytest.fixture
def small_disk(tmp_path) -> Path:
    """A file system of its own with hardly any room."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_KILOBYTES}k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount; tests/search/export/test_appearing.py limits the size of files instead")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def export(target: Path) -> tuple[str, ...]:
    return ("export", "deep_fnn", "--data", "digits", "--format", "mlflow", "--output", str(target))


def test_a_full_disk_is_one_line(small_disk, home):
    """Exit code 1, the reason, and a folder as empty as before."""
    code, output, error = run_penchant(*export(small_disk / "it"), home=home)
    assert (code, output) == (1, "")
    reason = "cannot be written (No space left on device); nothing was left there"
    assert error == f"penchant: {small_disk / 'it'}: {reason}\n"
    assert os.listdir(small_disk) == []


def test_a_killed_export_leaves_nothing_half_written(tmp_path, home):
    """Kill -9 while the folder fills: nothing has the name yet."""
    target = tmp_path / "it"
    with start_penchant(*export(target), home=home) as process:
        while process.poll() is None and not list(tmp_path.glob(".it.*.partial/*")):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert not target.exists()
