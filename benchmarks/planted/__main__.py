"""Live studies of tasks whose winner is known, and how often the verdict says so: make planted.

Run: python -m benchmarks.planted [--tasks motifs,recall] [--seeds 5] [--budget 4m] [--folder .penchant/planted]. Each
seed has data of its own. What a folder already holds is not run again, and a study that was interrupted goes on.
Exit code 1: a winner was claimed that is not the one expected.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.planted.tasks import TASKS, Task
from search import Study
from search.verdict.document import VerdictDocument


def main() -> int:
    """Prints each verdict as it is reached and a row a task at the end; 0 if no winner was claimed wrongly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", default=",".join(TASKS), help="with commas between; all by default")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", help="of each study; by default the task's own")
    parser.add_argument("--folder", type=Path, default=Path(".penchant/planted"))
    asked = parser.parse_args()
    names = asked.tasks.split(",")
    if unknown := sorted(set(names) - set(TASKS)):
        parser.error(f"tasks {unknown}: expected some of {', '.join(TASKS)}")
    tasks = {name: replace(TASKS[name], budget=asked.budget or TASKS[name].budget) for name in names}
    asked.folder.mkdir(parents=True, exist_ok=True)
    found = {
        name: [judged(asked.folder, name, task, seed) for seed in range(asked.seeds)] for name, task in tasks.items()
    }
    console = Console(width=120)
    console.print(table(tasks, found))
    return int(any(wrong(tasks[name], verdict) for name, verdicts in found.items() for verdict in verdicts))


def judged(folder: Path, name: str, task: Task, seed: int) -> VerdictDocument:
    """The verdict of one study, which is run to its end where it has none yet."""
    study_name, storage = f"{name}-{seed}", f"sqlite:///{folder.absolute()}/planted.db"
    data = folder / f"{study_name}.npz"
    if not data.exists():
        np.savez(data, **task.arrays(np.random.default_rng(seed)))
    if Study.exists(study_name, storage=storage):
        study = Study.load(study_name, storage=storage)
    else:
        study = Study.create(str(data), name=study_name, seed=seed, budget=task.budget, prior=False, storage=storage)
    verdict = study.run(observers=())
    print(f"{study_name}: {verdict.sentence}", flush=True)
    return verdict


def in_winner_set(task: Task, verdict: VerdictDocument) -> bool:
    """Whether the expected family may be best; where nothing was tried, as in too short a time, that says nothing."""
    return bool(verdict.families) and task.expected in verdict.winner_set


def wrong(task: Task, verdict: VerdictDocument) -> bool:
    """Whether a winner is claimed that is not there."""
    return verdict.winner not in (None, task.expected)


def table(tasks: dict[str, Task], found: dict[str, list[VerdictDocument]]) -> Table:
    """A row a task: in how many studies the expected family is in the winner set, wins, and another one wins."""
    rows = Table("task", "budget", "expected", "seeds", "in winner set", "sole winner", "wrong winner")
    for name, task in tasks.items():
        verdicts = found[name]
        told = [
            sum(in_winner_set(task, verdict) for verdict in verdicts) if task.expected else "-",
            sum(task.expected == verdict.winner for verdict in verdicts) if task.expected else "-",
            sum(wrong(task, verdict) for verdict in verdicts),
        ]
        rows.add_row(name, task.budget, task.expected or "none", str(len(verdicts)), *map(str, told))
    return rows


if __name__ == "__main__":
    sys.exit(main())
