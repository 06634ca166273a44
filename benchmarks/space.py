"""Builds, runs forward and backward very many sampled architectures: `make space`, result in docs/space.md.

Every architecture of `everything`, sampled by families in turn, has to build for a tiny task of each kind of data, give
finite scores and finite gradients, and stay below a bound of memory. Also prints how many proposals are made a second.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from spaces import Grid, SearchSpace, Task
from spaces.network import parameter_count

TASKS = {
    "image": Task(Grid((8, 7), 2), 3),
    "series": Task(Grid((19,), 3), 3),
    "tokens": Task(Grid((13,), 1), 3, vocabulary=11),
    "tabular": Task(Grid((), 10), 3),
}
ROWS = 3
MEMORY_BOUND_BYTES = 2 * 2**30
"""Of a process that builds one network after the other, torch itself included."""


def batch(task: Task, generator: torch.Generator) -> Tensor:
    """Rows of one task."""
    if task.vocabulary:
        return torch.randint(task.vocabulary, (ROWS, *task.row_shape), generator=generator)
    return torch.randn(ROWS, *task.row_shape, generator=generator)


def train_once(space: SearchSpace, task: Task, seed: int) -> str | None:
    """Builds one network, runs it forward and backward; what went wrong, or nothing."""
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    strata = [None, *([family] for family in space.families)]  # hybrids, and each family alone
    architecture = space.sample(rng, strata[seed % len(strata)])
    try:
        network = architecture.build(task)
        lengths = (
            torch.tensor([1, task.grid.length, task.grid.length // 2]) if task.grid.rank == 1 and seed % 2 else None
        )
        x = batch(task, generator)
        scores = network(x) if lengths is None else network(x, lengths)
        F.cross_entropy(scores, torch.arange(ROWS)).backward()
        gradients = [parameter.grad for parameter in network.parameters()]
    except Exception as error:
        return f"{type(error).__name__}: {error}: {architecture.to_json()}"
    if not scores.isfinite().all():
        return f"scores are not finite: {architecture.to_json()}"
    if any(gradient is None for gradient in gradients):
        return f"a parameter has no gradient: {architecture.to_json()}"
    if not all(bool(gradient.isfinite().all()) for gradient in gradients if gradient is not None):
        return f"a gradient is not finite: {architecture.to_json()}"
    assert parameter_count(network) > 0
    return None


def run_range(kind: str, first: int, last: int) -> tuple[Counter[str], int]:
    """Trains once each of a range of seeds; failures by what they say, and the most memory the process ever held."""
    torch.set_num_threads(1)
    task = TASKS[kind]
    space = SearchSpace.named("everything").fitted(task)
    failures = Counter(failure for seed in range(first, last) if (failure := train_once(space, task, seed)))
    return failures, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def proposals_a_second(seconds: float = 3.0) -> float:
    """How many architectures are sampled and fingerprinted in a second, on one core."""
    space, rng, made = SearchSpace.named("everything"), np.random.default_rng(0), 0
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        for _ in range(100):
            _ = space.sample(rng).fingerprint
        made += 100
    return made / spent


def main() -> None:
    """Prints one line a kind of data and fails if any network did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="architectures of each kind of data")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(f"proposals a second, sampled and fingerprinted: {proposals_a_second():,.0f}", flush=True)
    failed = 0
    for kind in TASKS:
        began = time.perf_counter()
        edges = np.linspace(0, arguments.count, 8 * arguments.workers + 1).astype(int)
        with ProcessPoolExecutor(arguments.workers) as pool:
            parts = list(pool.map(run_range, [kind] * (len(edges) - 1), edges[:-1].tolist(), edges[1:].tolist()))
        failures = sum((part[0] for part in parts), Counter[str]())
        peak = max(part[1] for part in parts)
        failed += failures.total() + (peak > MEMORY_BOUND_BYTES)
        print(
            f"{kind:<8} {arguments.count:,} architectures, {failures.total()} failed, peak memory of a process "
            f"{peak / 2**20:,.0f} MiB, {time.perf_counter() - began:,.0f} s",
            flush=True,
        )
        for failure, times in failures.most_common(10):
            print(f"  {times} × {failure[:2000]}", flush=True)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
