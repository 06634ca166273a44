"""Live studies of tasks whose winner is known, and how often the verdict says so: make planted.

Run: python -m benchmarks.planted [--tasks motifs,recall] [--seeds 5] [--first 0] [--folder .penchant/planted].
Each seed has data of its own; those that a task was not made with tell most. What a folder already holds is not run
again, and a study that was interrupted goes on.
Exit code 1: a winner was claimed that is not the one expected.
"""

from __future__ import annotations

import argparse
import sys
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
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--folder", type=Path, default=Path(".penchant/planted"))
    asked = parser.parse_args()
    names = asked.tasks.split(",")
    if unknown := sorted(set(names) - set(TASKS)):
        parser.error(f"tasks {unknown}: expected some of {', '.join(TASKS)}")
    tasks = {name: TASKS[name] for name in names}
    asked.folder.mkdir(parents=True, exist_ok=True)
    seeds = range(asked.first, asked.first + asked.seeds)
    found = {name: [judged(asked.folder, name, task, seed) for seed in seeds] for name, task in tasks.items()}
    console = Console(width=120)
    console.print(table(tasks, found))
    return int(any(is_wrong(tasks[name], verdict) for name, verdicts in found.items() for verdict in verdicts))


def judged(folder: Path, name: str, task: Task, seed: int) -> VerdictDocument:
    """The verdict of one study, which is run to its end where it has none yet."""
    study_name, storage = f"{name}-{seed}", f"sqlite:///{folder.absolute()}/planted.db"
    data = folder / f"{study_name}.npz"
    if not data.exists():
        np.savez(data, **task.arrays(np.random.default_rng(seed)))
    if Study.exists(study_name, storage=storage):
        study = Study.load(study_name, storage=storage)
    else:
        study = Study.create(
            str(data), name=study_name, seed=seed, space=task.space, prior=False, storage=storage, **task.asked
        )
    verdict = study.run(observers=())
    print(f"{study_name}: {verdict.sentence}", flush=True)
    return verdict


def may_be_true(task: Task, verdict: VerdictDocument) -> bool:
    """Whether what is expected is not ruled out; where nothing was tried, as in too short a time, that says nothing."""
    if is_contrast(task):
        return decision(task, verdict) in (task.decision, "undecided", "depends")
    return bool(verdict.families) and task.expected in verdict.winner_set


def is_claimed(task: Task, verdict: VerdictDocument) -> bool:
    """Whether the verdict says what is expected: that a family wins alone, or that a component helps or hurts."""
    if is_contrast(task):
        return decision(task, verdict) == task.decision
    return task.expected is not None and verdict.winner == task.expected


def is_wrong(task: Task, verdict: VerdictDocument) -> bool:
    """Whether something is claimed that is not there."""
    if is_contrast(task):
        return decision(task, verdict) in {"helps", "hurts", "equivalent"} - {task.decision}
    return verdict.winner not in (None, task.expected)


def is_contrast(task: Task) -> bool:
    """Whether a component is what the task is about."""
    return task.expected is not None and " vs " in task.expected


def decision(task: Task, verdict: VerdictDocument) -> str | None:
    """What is said of the expected contrast; None where it was not tested."""
    return next((row.decision for row in verdict.components if row.contrast == task.expected), None)


def table(tasks: dict[str, Task], found: dict[str, list[VerdictDocument]]) -> Table:
    """A row a task: in how many studies what is expected is not ruled out, is claimed, and something else is."""
    rows = Table("task", "asked", "expected", "studies", "not ruled out", "claimed", "wrong claim")
    for name, task in tasks.items():
        told = [[rule(task, verdict) for verdict in found[name]] for rule in (may_be_true, is_claimed, is_wrong)]
        counts = [str(sum(each)) for each in told]
        asked = " ".join(f"{key} {value}" for key, value in task.asked.items())
        cells = counts if task.expected else ["-", "-", counts[2]]
        rows.add_row(name, asked, task.expected or "none", str(len(found[name])), *cells)
    return rows


if __name__ == "__main__":
    sys.exit(main())
