"""The default strategy beside others on real training, equal time each: `make contest FOLDER=...` (an hour).

Nothing but the search differs. Each strategy gets the same minutes on one core: five sixths for the landmarks, from
which every study sets out, and its own trainings by its own schedule; one sixth for the short list, from which the
champion is taken as in a study. Then the champion alone is trained with fresh seeds, for as
long as the time left allows, at least as long as in the search, and scored on the sealed test. No
census: it finds good networks by itself, whatever the strategy. Strategies are ranked within a set and repeat.

It prints a row a set and strategy as they end, and the mean ranks. Two searches run at a time, a process a core, so
nothing else should. With `--record` what has ended is kept, and left out when it is run again.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process a core

import numpy as np
from numpy.typing import NDArray
from optuna.storages import InMemoryStorage
from pydantic import BaseModel
from scipy.stats import rankdata

from search.candidate import CandidateDomain
from search.driver import Driver
from search.phases import Phase
from search.phases.adaptive import Adaptive
from search.phases.confirmation import Confirmation
from search.phases.landmarks import LandmarksPhase, landmarks_within
from search.phases.ranking import choose_finalists
from search.phases.shortlist import Shortlist
from search.plan import POSITIONS_OF_A_SMALL_BUDGET, REPLICATES_OF_A_SMALL_BUDGET, SHORTLISTED, Plan
from search.request import steps_an_epoch
from search.samplers import strategy
from search.schedules import SCHEDULES
from search.storage.trials import TrialStore
from search.trial import Trial
from spaces import SearchSpace
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset, load_dataset
from workers.inline_engine import InlineEngine
from workers.recipe import Recipe

FILES, GENERATED = ("mnist1d.npz", "dna_splice.npz"), ("waveforms", "teacher")
STRATEGIES = ("penchant", "random_halving", "one_epoch_top_k", "tpe")
HORIZON = 200
"""Optimizer steps of a full training: two minutes on a core hold some thirty, of the 500 of a study too few to learn
from."""
SEARCH_SHARE = 5 / 6
FRESH_SEEDS = 3
LIMIT_SECONDS = 60.0
"""Of a single training."""


class Search(BaseModel, frozen=True):
    """One search: what is searched, how, and with which seed.

    Attributes:
        data: path of a file or registered name.
        strategy: name of the sampler, which brings its schedule.
        seed: number of the repeat; all strategies share its division of the rows.
        seconds: wall-clock time.
        horizon: optimizer steps of a full training.
    """

    data: str
    strategy: str
    seed: int
    seconds: float
    horizon: int = HORIZON


class Found(BaseModel, frozen=True):
    """What a search found.

    Attributes:
        search: which it was.
        sealed_test: mean score of the champion on the sealed test; 0 where nothing was trained to the end.
        best: search score of the best training, which is partly luck.
        trials: trainings begun, and
        full: those trained to the horizon.
        families: of the champion.
    """

    search: Search
    sealed_test: float
    best: float
    trials: int
    full: int
    families: str


def main() -> None:
    """Runs what is not on record and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with " + " and ".join(FILES))
    parser.add_argument("--seconds", type=float, default=120.0, help="of a search")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--record", type=Path, help="file that keeps what has ended, a line each")
    asked = parser.parse_args()
    sets = [str(asked.folder / name) for name in FILES] + list(GENERATED)
    searches = [  # strategies side by side: what disturbs the machine disturbs them alike
        Search(data=data, strategy=name, seed=seed, seconds=asked.seconds)
        for seed in range(asked.repeats)
        for data in sets
        for name in STRATEGIES
    ]
    found = on_record(asked.record)
    left = [search for search in searches if search not in found]
    with ProcessPoolExecutor(asked.processes, get_context("spawn")) as processes:
        for each in processes.map(run, left):
            found[each.search] = each
            print(each.model_dump_json(), flush=True)
            if asked.record:
                with open(asked.record, "a") as record:
                    record.write(each.model_dump_json() + "\n")
    print("\n".join(table([found[search] for search in searches])))


def on_record(path: Path | None) -> dict[Search, Found]:
    """What ended in earlier runs."""
    lines = path.read_text().splitlines() if path and path.exists() else []
    ended = [Found.model_validate(json.loads(line)) for line in lines]
    return {found.search: found for found in ended}


def run(search: Search) -> Found:
    """Searches, then trains the champion with fresh seeds."""
    dataset = load_dataset(search.data)
    space = SearchSpace.named("everything").fitted(dataset.task, POSITIONS_OF_A_SMALL_BUDGET)
    trials: list[Trial] = []
    began = time.monotonic()

    def clock() -> float:
        return time.monotonic() - began

    with (
        TemporaryDirectory() as folder,
        TrialStore(InMemoryStorage(), "search", space) as store,
        InlineEngine() as engine,
    ):
        phases = phases_of(search, dataset, space, trials, clock)
        driver = Driver(phases, trials, store, [], lambda _: LIMIT_SECONDS, lambda: None, clock)
        engine.run(driver, dataset, Checkpoints(folder))
    confirmed = [trial for trial in trials if trial.phase == Confirmation.name]
    own = [trial for trial in trials if trial.phase == Adaptive.name]
    full = [trial for trial in own if trial.reached == HORIZON]
    return Found(
        search=search,
        sealed_test=float(np.mean([trial.test_score or 0.0 for trial in confirmed] or [0.0])),
        best=max((trial.search_score or 0.0 for trial in full), default=0.0),
        trials=len(own),
        full=len(full),
        families=confirmed[0].family if confirmed else "",
    )


def phases_of(
    search: Search, dataset: Dataset, space: SearchSpace, trials: list[Trial], clock: Callable[[], float]
) -> Iterator[Phase]:
    """Landmarks, the search, the short list and the champion's fresh seeds."""
    landmarks = landmarks_within(space)
    plan = Plan(
        horizon=HORIZON,
        landmarks=len(landmarks),
        blocks=0,
        doubled=0,
        adaptive=10_000,
        shortlisted=SHORTLISTED,
        replicates=REPLICATES_OF_A_SMALL_BUDGET,
        finalists=1,
        seeds=FRESH_SEEDS,
        doubling_ends=0.0,
        contrasts_ends=0.0,
        adaptive_ends=SEARCH_SHARE * search.seconds,
        shortlist_ends=search.seconds,
        confirmation_ends=search.seconds,
    )
    usual = Recipe.usual(dataset.task, dataset.metric.name)
    yield LandmarksPhase(space, len(landmarks), HORIZON, search.seed, usual)
    sampler = strategy(search.strategy)(CandidateDomain(space))
    schedule = SCHEDULES[sampler.schedule](HORIZON, steps_an_epoch(dataset), trials)
    yield Adaptive(sampler, schedule, plan, search.seed, trials, clock)
    yield Shortlist(trials, space, plan, search.seed, 1, clock)
    yield Confirmation(choose_finalists(trials, HORIZON, space)[:1], plan, search.seed, 1, clock)


def table(found: Sequence[Found]) -> list[str]:
    """A row a set with each strategy's mean score and, in brackets, its mean rank; then the mean ranks of all."""
    lines = ["| data | " + " | ".join(STRATEGIES) + " |", "|---" * (len(STRATEGIES) + 1) + "|"]
    ranks: list[NDArray[np.float64]] = []
    for data in dict.fromkeys(each.search.data for each in found):
        scores = np.array(
            [
                [e.sealed_test for e in found if (e.search.data, e.search.strategy) == (data, name)]
                for name in STRATEGIES
            ]
        )
        own = rankdata(-scores, axis=0)  # within a repeat; equal scores share a rank
        ranks.append(own)
        cells = [f"{score:.3f} ({rank:.1f})" for score, rank in zip(scores.mean(axis=1), own.mean(axis=1), strict=True)]
        lines.append(f"| {Path(data).stem} | " + " | ".join(cells) + " |")
    of_all = np.hstack(ranks).mean(axis=1)
    lines.append("| mean rank | " + " | ".join(f"{rank:.2f}" for rank in of_all) + " |")
    return lines


if __name__ == "__main__":
    main()
