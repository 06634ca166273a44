"""Whether the default needs no more trainings than the best strategy listed for a table: `make targets FOLDER=...`.

For each table with listed figures, and for the best 1 %, the best .1 % and the best row, it prints the median number of
evaluations over seeded searches, the 95 % interval of that median (bootstrap over the searches), the listed figure and
the ratio; and the geometric mean of the ratios. Searches are those of `search_efficiency.py`, each stopped once the
best row was tried.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process a core

import numpy as np
from numpy.typing import NDArray
from search_efficiency import DEFAULT, SHARES, places, search, tables

from search.samplers import SAMPLERS

LISTED = {
    "NB201 CIFAR-10": (21, 38, 61),
    "NB201 CIFAR-100": (21, 35, 55),
    "NB201 ImageNet16": (20, 52, 254),
    "NB-Macro": (16, 29, 126),
    "FC-Net protein": (27, 42, 215),
}
"""Median evaluations to the best 1 %, the best .1 % and the best: the least that random search, regularized evolution
and local search are listed with. The 254 is regularized evolution's, all others are local search's."""
TARGETS = ("top 1 %", "top .1 %", "best")
EVALUATIONS = 300
RESAMPLES = 2_000

Found = NDArray[np.int64]
"""Evaluations to each target, (searches, targets); `EVALUATIONS` + 1 where they were not enough."""


def main() -> None:
    """Prints a row a table and target, and the geometric mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with nasbench201/, nasbench_macro/ and fcnet/")
    parser.add_argument("--repeats", type=int, default=300)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    medians, resampled = [], []
    print("| table | target | searches | median | 95 % interval | listed | ratio |\n|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor(asked.processes) as processes:
        for name, listed in LISTED.items():
            jobs = [(asked.folder, name, seed) for seed in range(asked.repeats)]
            found = np.array(list(processes.map(first_found, jobs)))
            medians.append(np.median(found, axis=0) / listed)
            resampled.append(bootstrapped_medians(found) / listed)
            print("\n".join(rows(name, found, listed)), flush=True)
    low, high = np.quantile(np.exp(np.log(np.hstack(resampled)).mean(axis=1)), (0.025, 0.975))
    print(f"\nGeometric mean of the ratios {np.exp(np.log(medians).mean()):.2f} ({low:.2f} to {high:.2f}).")


def rows(name: str, found: Found, listed: Sequence[int]) -> list[str]:
    """A line a target."""
    low, high = np.quantile(bootstrapped_medians(found), (0.025, 0.975), axis=0)
    medians = np.median(found, axis=0)
    return [
        f"| {name} | {target} | {len(found)} | {medians[n]:.0f} | {low[n]:.0f} to {high[n]:.0f} "
        f"| {listed[n]} | {medians[n] / listed[n]:.2f} |"
        for n, target in enumerate(TARGETS)
    ]


def bootstrapped_medians(found: Found) -> NDArray[np.float64]:
    """Medians of as many searches drawn with replacement, (resamples, targets).

    The same draws for every table, since a seed is the same luck in all of them.
    """
    drawn = np.random.default_rng(0).integers(len(found), size=(RESAMPLES, len(found)))
    return np.asarray(np.median(found[drawn], axis=1))


def first_found(job: tuple[Path, str, int]) -> list[int]:
    """Evaluations to each target in one search."""
    folder, name, seed = job
    table = tables(folder)[name]
    within = [places(share, len(table)) for share in SHARES]
    found = [EVALUATIONS + 1] * len(within)
    for evaluation, (row, _) in enumerate(search(table, SAMPLERS[DEFAULT], seed, EVALUATIONS), start=1):
        for target, places_found in enumerate(within):
            if table.rank[row] < places_found:
                found[target] = min(found[target], evaluation)
        if table.rank[row] == 0:
            break
    return found


if __name__ == "__main__":
    main()
