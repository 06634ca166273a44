"""How many trainings each strategy needs to a good network, on tables of benchmarks: `make efficiency FOLDER=...`.

Strategies propose through the interface that a study uses; a training is the look-up of one of the row's seeds. For
each table and strategy it prints the median number of evaluations until a row of the best 1 % and .1 % (by mean over
seeds), and the best, was tried; and the mean normalized regret after 25, 50, 100 and 200 evaluations: how far the row
with the best score seen, by its mean, is from the best row, where an average row is at 1.

Then the same for 16 trainings at a time, for successive halving on NAS-Bench-201, whose cost is told in epochs, and in
training time where a table holds it, with the times known to the search and not.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process a core

import numpy as np
from numpy.typing import NDArray
from tables import Row, Table, load_tables

from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import Record
from search.samplers.history import History

SHARES = (0.01, 0.001, 0.0)
"""Of the rows that count as found; the last is the best row alone."""
CHECKPOINTS = (25, 50, 100, 200)
AT_A_TIME = 16
EARLY_EPOCHS, EPOCHS = 12, 200
DEFAULT = "penchant"

Run = tuple[NDArray[np.int64], NDArray[np.float64]]


def main() -> None:
    """Runs everything and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with nasbench201/, nasbench_macro/ and fcnet/")
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--evaluations", type=int, default=200)
    parser.add_argument("--strategies", nargs="*", default=[n for n in SAMPLERS if n not in SAME_WITHOUT_RUNGS])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.processes) as processes:
        sequential(asked, processes)
        halving(asked, processes)
        thrift(asked, processes)


SAME_WITHOUT_RUNGS = ("random_halving", "one_epoch_top_k")
"""Where every training is whole these are `random`."""


def sequential(asked: argparse.Namespace, processes: ProcessPoolExecutor) -> None:
    """Every strategy on every table, one training after the other; then the default with 16 at a time."""
    print("| table | strategy | repeats | top 1 % | top .1 % | best |", *(f"regret {n} |" for n in CHECKPOINTS))
    print("|---|---|---|---|---|---|---|---|---|---|")
    regrets: dict[tuple[str, int], list[float]] = {}
    for name, strategy in itertools.product(tables(asked.folder), asked.strategies):
        runs = list(processes.map(_searched, [(asked, name, strategy, seed, 1) for seed in range(asked.repeats)]))
        found = [told(median_evaluations(runs, share, len(tables(asked.folder)[name]))) for share in SHARES]
        means = mean_regrets(runs)
        regrets |= {(name, 1): means} if strategy == DEFAULT else {}
        print(
            f"| {name} | {strategy} | {asked.repeats} | {' | '.join([*found, *(f'{mean:.3f}' for mean in means)])} |",
            flush=True,
        )
    print("\n| table | in flight |", *(f"regret {n} |" for n in CHECKPOINTS))
    print("|---|---|---|---|---|---|")
    for name in tables(asked.folder):
        jobs = [(asked, name, DEFAULT, seed, AT_A_TIME) for seed in range(asked.repeats)]
        regrets[name, AT_A_TIME] = mean_regrets(list(processes.map(_searched, jobs)))
        for count in (1, AT_A_TIME):
            cells = [f"{mean:.4f}" for mean in regrets.get((name, count), [])]
            print(f"| {name} | {count} | {' | '.join(cells)} |", flush=True)


def mean_regrets(runs: Sequence[Run]) -> list[float]:
    """Mean normalized regret at each checkpoint that was reached."""
    return [float(np.mean([regrets[n - 1] for _, regrets in runs])) for n in CHECKPOINTS if n <= len(runs[0][1])]


def halving(asked: argparse.Namespace, processes: ProcessPoolExecutor) -> None:
    """The default with 12 epochs as a first rung beside full trainings alone, in epochs to the top 1 %."""
    print(f"\n| table | epochs to the top 1 %, all trained for {EPOCHS} | with {EARLY_EPOCHS} first | ratio |")
    print("|---|---|---|---|")
    for name, table in tables(asked.folder).items():
        if table.early is None:
            continue
        whole, halved = (
            float(np.median(list(processes.map(cost, [(asked.folder, name, seed) for seed in range(asked.repeats)]))))
            for cost in (_whole_cost, _halved_cost)
        )
        print(f"| {name} | {whole:,.0f} | {halved:,.0f} | {whole / halved:.1f} |", flush=True)


def thrift(asked: argparse.Namespace, processes: ProcessPoolExecutor) -> None:
    """The default where it knows what trainings take and where not: time to the shares, in median trainings."""
    print("\n| table | top 1 % | times known | top .1 % | times known | best | times known |")
    print("|---|---|---|---|---|---|---|")
    for name, table in tables(asked.folder).items():
        if table.seconds is None:
            continue
        jobs = [(asked, name, seed, known) for known in (False, True) for seed in range(asked.repeats)]
        spent = np.array(list(processes.map(_spent, jobs))).reshape(2, asked.repeats, len(SHARES))
        medians = np.median(spent, axis=1) / np.median(table.seconds)
        print(f"| {name} |", " ".join(f"{told(median)} |" for median in medians.T.ravel()), flush=True)


def _spent(job: tuple[argparse.Namespace, str, int, bool]) -> list[float]:
    """Seconds until a row of each share was tried; infinite where that did not happen."""
    asked, name, seed, known = job
    table = tables(asked.folder)[name]
    assert table.seconds is not None
    rows = [row for row, _ in search(table, SAMPLERS[DEFAULT], seed, asked.evaluations, timed=known)]
    after = np.cumsum(table.seconds[rows])
    ranks = np.minimum.accumulate(table.rank[rows])
    within = [ranks < places(share, len(table)) for share in SHARES]
    return [float(after[np.argmax(found)]) if found[-1] else np.inf for found in within]


@cache
def tables(folder: Path) -> dict[str, Table]:
    """The tables, read once a process."""
    return load_tables(folder)


def _searched(job: tuple[argparse.Namespace, str, str, int, int]) -> Run:
    asked, name, strategy, seed, at_once = job
    return searched(tables(asked.folder)[name], SAMPLERS[strategy], seed, asked.evaluations, at_once)


def searched(table: Table, strategy: type[Sampler[Row]], seed: int, evaluations: int, at_once: int = 1) -> Run:
    """How a search of a table goes.

    Returns:
        After each evaluation the rank of the best row tried, and the normalized regret of the row that looks best.
    """
    ranks, regrets = np.empty(evaluations, dtype=int), np.empty(evaluations)
    best_rank, best_score, looks_best = len(table), -np.inf, 0
    for evaluation, (row, score) in enumerate(search(table, strategy, seed, evaluations, at_once)):
        best_rank = min(best_rank, int(table.rank[row]))
        if score > best_score:
            best_score, looks_best = score, row
        ranks[evaluation], regrets[evaluation] = best_rank, table.regret(looks_best)
    return ranks, regrets


def search(
    table: Table, strategy: type[Sampler[Row]], seed: int, evaluations: int, at_once: int = 1, *, timed: bool = False
) -> Iterator[tuple[int, float]]:
    """Searches a table: the numbers of the rows in the order in which they are trained, and what they score.

    Where it is timed the search knows what each training took.
    """
    rng, luck = np.random.default_rng([seed, 5]), np.random.default_rng([seed, 6])
    sampler = strategy(table)
    history: History[Row] = History()
    for evaluation in range(evaluations):
        while len(history) < min(evaluation + at_once, evaluations):
            history.add(Record(sampler.propose(history, rng)))
        proposal = history[evaluation].proposal
        row = table.number(proposal)
        score = table.train(row, luck)
        seconds = float(table.seconds[row]) if timed and table.seconds is not None else math.nan
        history.replace(evaluation, Record(proposal, {1.0: score}, seconds=seconds))
        yield row, score


def median_evaluations(runs: Iterable[Run], share: float, rows: int) -> float:
    """Evaluations until a row of the best share was tried; infinite where half of the runs did not get there."""
    within = places(share, rows)
    first = [int(np.argmax(ranks < within)) + 1 if ranks[-1] < within else np.inf for ranks, _ in runs]
    return float(np.median(first))


def places(share: float, rows: int) -> int:
    """How many of the best rows count as found."""
    return max(1, round(share * rows))


def told(evaluations: float) -> str:
    """A number of evaluations, or that it was not enough."""
    return f"{evaluations:.0f}" if np.isfinite(evaluations) else "–"


def _whole_cost(job: tuple[Path, str, int]) -> float:
    folder, name, seed = job
    ranks, _ = searched(tables(folder)[name], SAMPLERS[DEFAULT], seed, 100)
    return EPOCHS * median_evaluations([(ranks, ranks)], 0.01, len(tables(folder)[name]))


def _halved_cost(job: tuple[Path, str, int]) -> float:
    folder, name, seed = job
    return halved_cost(tables(folder)[name], seed)


def halved_cost(table: Table, seed: int) -> float:
    """Epochs until a row of the best 1 % was fully trained, the best of the short trainings being promoted.

    Both rungs cost the same, as in all successive halving: one in 17 short trainings is promoted.
    """
    assert table.early is not None
    rng, luck = np.random.default_rng([seed, 5]), np.random.default_rng([seed, 6])
    sampler: Sampler[Row] = SAMPLERS[DEFAULT](table)
    history: History[Row] = History()
    epochs, early = 0, EARLY_EPOCHS / EPOCHS
    while epochs < 100 * EPOCHS:
        promoted = promotion(history, early)
        if promoted is None:
            proposal = sampler.propose(history, rng)
            history.add(Record(proposal, {early: float(table.early[table.number(proposal)])}))
            epochs += EARLY_EPOCHS
            continue
        known = history[promoted]
        row = table.number(known.proposal)
        history.replace(promoted, Record(known.proposal, {**known.scores, 1.0: table.train(row, luck)}))
        epochs += EPOCHS  # the table's short trainings are no prefixes of the long ones
        if table.rank[row] < 0.01 * len(table):
            break
    return epochs


def promotion(history: History[Row], early: float) -> int | None:
    """Which record is trained on: the best of a share that was not. Li et al. 2020."""
    order = sorted(range(len(history)), key=lambda index: -history[index].scores[early])
    return next((index for index in order[: int(len(history) * early)] if history[index].full_score is None), None)


if __name__ == "__main__":
    main()
