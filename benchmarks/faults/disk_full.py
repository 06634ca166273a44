"""The disk of the runner full for a while: studies, checkpoints, logs and MLflow's records all lie on it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults.drill import Result, Scene
from benchmarks.faults.place import Place, ended, follow, wait_for_trials

FULL_SECONDS = 45.0
SIZE = "200m"


def disk_full(scene: Scene) -> Result:
    """A small file system of its own, which needs root."""
    result = Result(f"disk full on the runner for {FULL_SECONDS:.0f} s", times=1)
    with mounted(scene.folder) as folder, Place(folder / "home") as place:
        place.runner()
        study = place.submit("starved")
        wait_for_trials(study)
        before = ended(study)
        fill(folder / "ballast")
        time.sleep(FULL_SECONDS)
        meanwhile = ended(study) - before
        (folder / "ballast").unlink()
        pause = follow(study)
        result.notes = f"trials recorded meanwhile: {meanwhile}"
        result.pauses += [] if pause is None else [pause]
        result.take(study, scene.undisturbed)
    return result


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """A file system in memory."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path: Path) -> None:
    """Writes until nothing more fits."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"0" * 2**16)
    assert shutil.disk_usage(path.parent).free == 0
