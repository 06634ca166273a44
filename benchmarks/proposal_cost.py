"""What a proposal costs, by strategy and by how many trials are known: `make proposals` (three minutes).

Candidates of the whole space on digits, half of them pruned at a first rung; milliseconds on one core, median of 20.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import time

import numpy as np

from search.candidate import Candidate, CandidateDomain
from search.samplers import SAMPLERS
from search.samplers.domain import Record
from search.samplers.history import History
from spaces import SearchSpace
from workers.datasets import load_dataset

SIZES = (10, 100, 1_000, 3_000, 10_000)
REPEATS = 20


def main() -> None:
    """Prints a row a strategy."""
    domain = CandidateDomain(SearchSpace.named("everything").fitted(load_dataset("digits").task))
    rng = np.random.default_rng(0)
    records = [record(domain, rng) for _ in range(SIZES[-1])]
    print("| strategy | " + " | ".join(f"{size:,} trials" for size in SIZES) + " |\n|---" + "|---" * len(SIZES) + "|")
    for name in SAMPLERS:
        cells = [f"{1000 * seconds(name, domain, History(records[:size])):.1f} ms" for size in SIZES]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def record(domain: CandidateDomain, rng: np.random.Generator) -> Record[Candidate]:
    """A trial with scores that depend on its choices, and seconds as in a study whose budget is time."""
    candidate = Candidate.sample(domain.space, rng)
    score = 0.5 + 0.2 * (candidate.architecture["connection"] == "residual") + 0.1 * rng.normal()
    scores = {1 / 9: score - 0.1} if rng.random() < 0.5 else {1 / 9: score - 0.1, 1.0: score}
    return Record(candidate, scores, seconds=float(rng.lognormal()))


def seconds(name: str, domain: CandidateDomain, history: History[Candidate]) -> float:
    """Median time of a proposal; every time a trial is added, as in a study."""
    rng, times = np.random.default_rng(1), []
    sampler = SAMPLERS[name](domain)
    sampler.propose(history, rng)  # what is read once
    for _ in range(REPEATS):
        began = time.perf_counter()
        proposal = sampler.propose(history, rng)
        times.append(time.perf_counter() - began)
        history.add(Record(proposal, {1.0: float(rng.random())}, seconds=float(rng.lognormal())))
    return statistics.median(times)


if __name__ == "__main__":
    main()
