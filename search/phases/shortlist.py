"""Shortlist: the networks that looked best once are trained again, and the champion is the best of these trainings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from search.phases import SEEDS_A_STUDY, SHORTLIST_SEEDS, Phase, Segment, longest_first, next_slot
from search.plan import Plan
from search.trial import Trial, TrialState
from spaces import SearchSpace
from workers.engine import Signal

COMPARABLE_PHASES = ("landmarks", "census", "adaptive")
"""Those whose full trainings have the study's horizon; timing is shorter, the doubling check longer."""


class Shortlist(Phase):
    """Trains the best networks of the phases before again, each on the same fresh divisions of the rows.

    The best of a hundred scores on a few rows is more luck than merit, and on small sets dozens share it; the mean over
    fresh divisions and seeds is neither. What is sure to be in the list starts while the last trainings before still
    run.

    Args:
        before: all trials of the study, as they come.
        space: what the study may try.
        plan: horizon, length of the list, most replicates, and when the last may start.
        seed: the study's seed.
        clock: seconds the study has run.
    """

    name = "shortlist"

    def __init__(
        self, before: Sequence[Trial], space: SearchSpace, plan: Plan, seed: int, clock: Callable[[], float]
    ) -> None:
        self._before = before
        self._space = space
        self._plan = plan
        self._seed = seed
        self._clock = clock

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        unknown = [trial for trial in self._before if trial.in_flight and trial.phase in COMPARABLE_PHASES]
        best = shortlisted(self._before, self._plan.horizon, self._space)
        open_prints = {trial.architecture.fingerprint for trial in unknown}  # a better recipe may come
        sure = [
            trial
            for trial in best[: max(0, self._plan.shortlisted - len(unknown))]
            if trial.architecture.fingerprint not in open_prints
        ]
        replicates = 1 + max((replicate_of(trial) for trial in trials), default=0)
        trial = next_slot(self._wanted(sure, range(replicates)), trials)
        if trial is None and unknown:
            return Signal.WAIT
        if trial is None and replicates < self._plan.replicates and self._clock() < self._plan.shortlist_ends:
            trial = next_slot(self._wanted(sure, range(replicates, replicates + 1)), trials)
        return Signal.DONE if trial is None else self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.shortlisted * self._plan.replicates

    def _wanted(self, networks: Sequence[Trial], replicates: range) -> list[Trial]:
        """Within a replicate the longest first."""
        order = longest_first(networks, self._plan)
        return [self._trial(network, number) for number in replicates for network in order]

    def _trial(self, network: Trial, number: int) -> Trial:
        fresh = self._seed * SEEDS_A_STUDY + SHORTLIST_SEEDS + number
        return replace(
            network,
            phase=self.name,
            slot=f"{network.architecture.fingerprint}/{number}",
            division=fresh,
            seed=fresh,
            number=-1,
            state=TrialState.RUNNING,
            outcomes=[],
        )


def replicate_of(trial: Trial) -> int:
    """The number of the fresh division of a trial of the shortlist."""
    return int(trial.slot.rpartition("/")[2])


def shortlisted(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    """The best training of each network in the space that was trained to the horizon, best on the search rows first."""
    full = comparable(trials, horizon)
    own = [trial for trial in full if trial.phase != "landmarks" or trial.candidate.lies_in(space)]
    return distinct(sorted(own, key=lambda trial: -(trial.search_score or 0.0)))


def comparable(trials: Sequence[Trial], horizon: int) -> list[Trial]:
    """The trials of the phases before that were trained to the horizon."""
    return [t for t in trials if t.phase in COMPARABLE_PHASES and t.horizon == t.reached == horizon]


def recorded_horizon(trials: Sequence[Trial]) -> int:
    """Optimizer steps of a study's full trainings; 0 before there is one."""
    return next((trial.horizon for trial in trials if trial.phase in COMPARABLE_PHASES), 0)


def distinct(trials: Sequence[Trial]) -> list[Trial]:
    """The first trial of each architecture."""
    first: dict[str, Trial] = {}
    for trial in trials:
        first.setdefault(trial.architecture.fingerprint, trial)
    return list(first.values())


def replicated_scores(trials: Sequence[Trial]) -> dict[str, float]:
    """Mean score of each network's replicates by fingerprint, on search and confirm rows alike.

    Both are fresh to it: the divisions are the shortlist's own. A failed replicate scores nothing.
    """
    scores: dict[str, list[float]] = {}
    for trial in trials:
        if trial.phase == Shortlist.name and trial.finished:
            both = ((trial.search_score or 0.0) + (trial.confirm_score or 0.0)) / 2
            scores.setdefault(trial.architecture.fingerprint, []).append(both)
    most = max(map(len, scores.values()), default=0)
    return {fingerprint: float(np.mean(own)) for fingerprint, own in scores.items() if len(own) == most}
