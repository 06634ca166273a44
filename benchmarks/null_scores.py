"""Scores of real trainings between whose groups there is no difference, for the tests of the verdict's calibration.

Run: python -m benchmarks.null_scores [FILE]; ten minutes on two cores. By default the file is
`tests/search/verdict/null_scores.json`:

- `alike`: search and confirm scores of 48 convolutional networks on digits, twelve seeds each, `(48, 12)`. Dealt out
  among several names, the names are equal families, whose networks vary as random networks of one family do.
- `shuffled`: the same of 16 networks of each family on digits whose labels were shuffled, anew for each block,
  `(16,)`. Families differ in how they fail to learn what is not there, and in nothing else.

Networks are of the space `tiny`, trained for 500 steps, as in the census of a study of five minutes.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import torch

from search.candidate import Candidate
from search.phases.census import census_trial
from spaces import SearchSpace
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset, load_dataset
from workers.metric import WORST_SCORE
from workers.work_unit import WorkUnit
from workers.worker import Worker

FILE = Path("tests/search/verdict/null_scores.json")
HORIZON = 500
NETWORKS, SEEDS = 48, 12
BLOCKS = 16
Scores = tuple[float, float]
"""On the search and on the confirm rows."""


def main() -> None:
    """Trains everything and writes the file."""
    space = SearchSpace.named("tiny").fitted(load_dataset("digits").task)
    alike = [("convolution", network, seed) for network in range(NETWORKS) for seed in range(SEEDS)]
    shuffled = [(family, block) for family in space.families for block in range(BLOCKS)]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        first = np.array(list(processes.map(on_digits, *zip(*alike, strict=True))))
        second = np.array(list(processes.map(on_shuffled_labels, *zip(*shuffled, strict=True))))
    document = {
        "alike": told(first.reshape(NETWORKS, SEEDS, 2)),
        "shuffled": dict(zip(space.families, map(told, second.reshape(-1, BLOCKS, 2)), strict=True)),
    }
    Path(*sys.argv[1:2] or [FILE]).write_text(json.dumps(document) + "\n")


def told(scores: np.ndarray) -> Mapping[str, list]:
    """Search and confirm scores, from an array whose last axis holds both."""
    return {rows: scores[..., axis].round(4).tolist() for axis, rows in enumerate(("search", "confirm"))}


def on_digits(family: str, network: int, seed: int) -> Scores:
    """The scores of the family's network of this number."""
    return _trained(_digits(), family, network, seed)


def on_shuffled_labels(family: str, block: int) -> Scores:
    """The same with the labels shuffled for the block."""
    digits = _digits()
    shuffled = np.random.default_rng(block).permutation(digits.y)
    return _trained(replace(digits, y=shuffled), family, block, block)


def _trained(dataset: Dataset, family: str, network: int, seed: int) -> Scores:
    torch.set_num_threads(1)
    space = SearchSpace.named("tiny").fitted(dataset.task)
    candidate: Candidate = census_trial("census", space, family, network, HORIZON, seed=0).candidate
    unit = WorkUnit(0, candidate.architecture, candidate.recipe, seed, seed, 0, HORIZON, HORIZON)
    outcome = Worker(dataset, Checkpoints(_scratch()), "here").run(unit)
    return outcome.search_score or WORST_SCORE, outcome.confirm_score or WORST_SCORE


@cache
def _digits() -> Dataset:
    return load_dataset("digits")


@cache
def _scratch() -> str:
    return mkdtemp(prefix="null-scores-")


if __name__ == "__main__":
    main()
