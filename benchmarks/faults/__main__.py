"""Runs the drills, or those that are named, and prints a table: python -m benchmarks.faults [NAME ...]."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.faults.drill import HEADER, Drill, Scene
from benchmarks.faults.place import Place, follow
from benchmarks.faults.record import Record
from benchmarks.faults.runner_killed import runner_killed

DRILLS: dict[str, Drill] = {drill.__name__: drill for drill in (runner_killed,)}


def main() -> None:
    """Leaves the files of a drill that failed where they are."""
    names = sys.argv[1:] or list(DRILLS)
    folder = Path(tempfile.mkdtemp(prefix="penchant-", dir="/tmp"))
    folder.chmod(0o711)  # PostgreSQL runs as somebody else
    print(f"files: {folder}", flush=True)
    undisturbed, seconds = run_undisturbed(folder / "undisturbed")
    print(f"undisturbed: {len(undisturbed.trials)} trials, {seconds:.0f} s\n{HEADER}", flush=True)
    for name in names:
        print(DRILLS[name](Scene(folder / name, undisturbed, seconds)).row(), flush=True)
    shutil.rmtree(folder, ignore_errors=True)


def run_undisturbed(home: Path) -> tuple[Record, float]:
    """The study that all others must be like, run where nothing happens."""
    with Place(home) as place:
        study = place.submit("undisturbed")
        began = time.monotonic()
        place.runner()
        follow(study)
        return Record.of(study), time.monotonic() - began


if __name__ == "__main__":
    main()
