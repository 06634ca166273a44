"""Runs the drills, or those that are named, and prints a table: python -m benchmarks.faults [NAME ...]."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from benchmarks.faults.api_killed import api_killed
from benchmarks.faults.clock_set import clock_set
from benchmarks.faults.disk_full import disk_full
from benchmarks.faults.drill import HEADER, Drill, Scene
from benchmarks.faults.mlflow_gone import mlflow_gone
from benchmarks.faults.nodes_killed import head_node_killed, worker_node_killed
from benchmarks.faults.place import Place, follow
from benchmarks.faults.postgres_away import postgres_restarted, postgres_stopped
from benchmarks.faults.racing import two_runners
from benchmarks.faults.record import Record
from benchmarks.faults.runner_killed import runner_killed

ALL: tuple[Drill, ...] = (
    runner_killed,
    api_killed,
    postgres_restarted,
    postgres_stopped,
    worker_node_killed,
    head_node_killed,
    two_runners,
    mlflow_gone,
    disk_full,
    clock_set,
)
DRILLS = {drill.__name__: drill for drill in ALL}


def main() -> None:
    """Leaves the files of a drill that failed where they are."""
    drills = [DRILLS[name] for name in sys.argv[1:]] or list(DRILLS.values())
    folder = Path(tempfile.mkdtemp(prefix="penchant-", dir="/tmp"))
    folder.chmod(0o711)  # PostgreSQL runs as somebody else
    print(f"files: {folder}", flush=True)
    failed: list[str] = []
    undisturbed, seconds = run_undisturbed(folder / "undisturbed")
    print(f"undisturbed: {len(undisturbed.trials)} trials, {seconds:.0f} s\n{HEADER}", flush=True)
    for drill in drills:
        scene = Scene(folder / drill.__name__, undisturbed, seconds)
        try:
            print(drill(scene).row(), flush=True)
        except Exception:
            traceback.print_exc()
            failed.append(drill.__name__)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}; their files are in {folder}")
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
