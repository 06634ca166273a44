"""Live studies in which no family is better than another, and how often one is said to be: make live-nulls.

Run: python -m benchmarks.live_nulls [--seeds 7] [--first 0] [--kinds convolution,dense,labels] [--folder FOLDER].
Trials are counted and trained one after the other, so that a busy machine changes nothing; two runs share the work:

- `convolution`, `dense`: digits, and four families whose operation is this one. Each begins with some random numbers
  of its own, so that the twins of a block differ in nothing but the luck of their weights.
- `labels`: digits whose labels were shuffled, and all families.

What a folder already holds is not run again. Exit code 1: a winner was claimed in more than one of twenty.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from search import Study
from search.verdict.document import VerdictDocument
from workers.datasets import load_dataset
from workers.inline_engine import InlineEngine

EPOCHS = 16  # just above 500 steps, below which nothing is claimed
BLOCKS_SHARE = 0.35
BLOCKS = 12
FALSE_CLAIMS = 0.05
NAMES = ("first", "second", "third", "fourth")
KINDS = {"convolution": len(NAMES), "dense": len(NAMES), "labels": 6}
"""How many families each kind has."""
HEADER = '''"""One operation under the names of four families."""

import torch

from spaces.operations import OPERATIONS

Same = OPERATIONS["{operation}"]
'''
NAMED = '''

@OPERATIONS.register("{name}_{operation}")
class {title}(Same):
    """The same after {draws} random numbers that nothing is made from."""

    family = "{name}"

    def build(self, grid, picks):
        torch.rand({draws})
        return super().build(grid, picks)
'''


def main() -> int:
    """Prints each verdict as it is reached and a row a kind at the end; 0 if winners were claimed seldom enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", default=",".join(KINDS), help="with commas between; all by default")
    parser.add_argument("--seeds", type=int, default=7, help="how many studies of each")
    parser.add_argument("--first", type=int, default=0, help="the first of the seeds")
    parser.add_argument("--folder", type=Path, default=Path(".penchant/nulls"))
    asked = parser.parse_args()
    kinds = asked.kinds.split(",")
    if unknown := sorted(set(kinds) - set(KINDS)):
        parser.error(f"kinds {unknown}: expected some of {', '.join(KINDS)}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    seeds = range(asked.first, asked.first + asked.seeds)
    found = {kind: [judged(asked.folder, kind, seed) for seed in seeds] for kind in kinds}
    Console(width=120).print(table(found))
    verdicts = [verdict for each in found.values() for verdict in each]
    return int(sum(verdict.winner is not None for verdict in verdicts) > FALSE_CLAIMS * len(verdicts))


def judged(folder: Path, kind: str, seed: int) -> VerdictDocument:
    """The verdict of one study, which is run to its end where it has none yet."""
    name, storage = f"{kind}-{seed}", f"sqlite:///{folder.absolute()}/{kind}-{seed}.db"
    if Study.exists(name, storage=storage):
        study = Study.load(name, storage=storage)
    else:
        study = created(folder, kind, seed, name, storage)
    with InlineEngine() as engine:
        verdict = study.run(engine, observers=())
    print(f"{name}: {verdict.sentence}", flush=True)
    return verdict


def created(folder: Path, kind: str, seed: int, name: str, storage: str) -> Study:
    """The study of this kind and seed, as many trials as twelve blocks take."""
    trials = math.ceil(BLOCKS * KINDS[kind] / BLOCKS_SHARE)
    space: str | dict[str, Any] = "tiny"
    data, operations = "digits", []
    if kind == "labels":
        data = str(shuffled(folder, seed))
    else:
        space = {"extends": "tiny", "operations": [f"{family}_{kind}" for family in NAMES]}
        operations = [same(folder, kind)]
    return Study.create(
        data,
        space=space,
        operations=operations,
        trials=trials,
        epochs=EPOCHS,
        prior=False,
        seed=seed,
        name=name,
        storage=storage,
    )


def same(folder: Path, operation: str) -> Path:
    """A file of one operation under the names of four families, written into `folder`."""
    path = folder / f"same_{operation}.py"
    named = [
        NAMED.format(name=name, title=name.title(), operation=operation, draws=draws)
        for draws, name in enumerate(NAMES)
    ]
    path.write_text(HEADER.format(operation=operation) + "".join(named))
    return path


def shuffled(folder: Path, seed: int) -> Path:
    """Digits whose labels were shuffled, those of the sealed test among themselves, written into `folder`."""
    digits, rng, path = load_dataset("digits"), np.random.default_rng(seed), folder / f"labels-{seed}.npz"
    np.savez(
        path,
        x_train=np.moveaxis(digits.x, -1, 1),  # channels come first in a file
        y_train=rng.permutation(digits.y),
        x_test=np.moveaxis(digits.x_test, -1, 1),
        y_test=rng.permutation(digits.y_test),
    )
    return path


def table(found: dict[str, list[VerdictDocument]]) -> Table:
    """A row a kind: studies, in how many a family is excluded, and in how many one wins."""
    rows = Table("kind", "studies", "some family excluded", "a winner claimed")
    for kind, verdicts in found.items():
        families = [{row.family for row in verdict.families} - set(verdict.winner_set) for verdict in verdicts]
        winners = [verdict for verdict in verdicts if verdict.winner is not None]
        rows.add_row(kind, str(len(verdicts)), str(sum(map(bool, families))), str(len(winners)))
    return rows


if __name__ == "__main__":
    sys.exit(main())
