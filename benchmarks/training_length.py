"""Whether a short study excludes what a longer one finds good: `make training-length DATA=digits` (an hour a set).

Run: python -m benchmarks.training_length DATA [--budgets 1m,3m,10m] [--seeds 3] [--folder .penchant/training_length].
Studies of one seed differ in their budget alone. What a folder already holds is not run again, and a study that was
interrupted goes on. Exit code 1: a family that was excluded is in the winner set of a study with a larger budget.
"""

from __future__ import annotations

import argparse
import sys
from itertools import combinations
from pathlib import Path

from rich.console import Console
from rich.table import Table

from search import Study
from search.verdict.document import VerdictDocument


def main() -> int:
    """Prints each verdict as it is reached and a row a study at the end; 0 if no family comes back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="registered name or file")
    parser.add_argument("--budgets", default="1m,3m,10m", help="with commas between, the smallest first")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(".penchant/training_length"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    rows = Table("seed", "budget", "steps", "blocks", "winner set", "excluded", "still learning", "came back")
    came_back = 0
    for seed in range(asked.seeds):
        verdicts = {budget: judged(asked.folder, asked.data, budget, seed) for budget in asked.budgets.split(",")}
        for budget, verdict in verdicts.items():
            rows.add_row(str(seed), budget, *cells(verdict), ", ".join(returned(budget, verdicts)) or "-")
            came_back += len(returned(budget, verdicts))
    Console(width=160).print(rows)
    return int(came_back > 0)


def judged(folder: Path, data: str, budget: str, seed: int) -> VerdictDocument:
    """The verdict of one study, which is run to its end where it has none yet."""
    name, storage = f"{Path(data).stem}-{budget}-{seed}", f"sqlite:///{folder.absolute()}/studies.db"
    if Study.exists(name, storage=storage):
        study = Study.load(name, storage=storage)
    else:
        study = Study.create(data, name=name, seed=seed, budget=budget, prior=False, storage=storage)
    verdict = study.run(observers=())
    print(f"{name}: {verdict.sentence}", flush=True)
    return verdict


def excluded(verdict: VerdictDocument) -> set[str]:
    """The families that are not in the winner set although some of their networks were trained."""
    return {row.family for row in verdict.families if row.failed < row.trials} - set(verdict.winner_set)


def returned(budget: str, verdicts: dict[str, VerdictDocument]) -> list[str]:
    """What this budget's study has in its winner set although a smaller budget's excluded it."""
    pairs = combinations(verdicts, 2)
    now = set(verdicts[budget].winner_set)
    lost = [excluded(verdicts[smaller]) & now for smaller, larger in pairs if larger == budget]
    return sorted(set().union(*lost))


def cells(verdict: VerdictDocument) -> list[str]:
    """What a row tells of a study."""
    learning = [row.family for row in verdict.families if row.still_learning]
    steps = max((row.steps for row in verdict.families), default=0)
    blocks = min((row.trials for row in verdict.families), default=0)
    listed = [", ".join(sorted(names)) or "-" for names in (verdict.winner_set, excluded(verdict), learning)]
    return [str(steps), str(blocks), *listed]


if __name__ == "__main__":
    sys.exit(main())
