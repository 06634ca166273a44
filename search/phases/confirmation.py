"""Confirmation: the frozen champion and its baselines, trained with fresh seeds and scored on the sealed test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from search.phases import FRESH_SEEDS, SEEDS_A_STUDY, Phase, Segment, next_slot, pause
from search.plan import FEWEST_SEEDS, FINALISTS, LANDMARK_BASELINES, Plan
from search.trial import Trial, TrialState
from spaces import SearchSpace
from workers.engine import Signal

COMPARABLE_PHASES = ("landmarks", "census", "adaptive")
"""Those whose full trainings have the study's horizon; timing is shorter, the doubling check longer."""


class Confirmation(Phase):
    """Trains all finalists with the same fresh seeds, seed after seed. The only phase that opens the sealed test.

    Args:
        finalists: champion first; see `choose_finalists`.
        plan: most seeds, and when the last may start.
        seed: the study's seed.
        slots: trainings at a time.
        clock: seconds the study has run.
    """

    name = "confirmation"

    def __init__(
        self, finalists: Sequence[Trial], plan: Plan, seed: int, slots: int, clock: Callable[[], float]
    ) -> None:
        self._finalists = finalists
        self._plan = plan
        self._seed = seed
        self._slots = slots
        self._clock = clock

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        seeds = len({trial.seed for trial in trials})
        trial = next_slot(self._wanted(range(seeds)), trials)
        if trial is None and seeds < self._plan.seeds and self._finalists and self._another_fits(seeds):
            trial = self._wanted(range(seeds, seeds + 1))[0]
        return pause(trials) if trial is None else self._segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if np.isfinite(self._plan.confirmation_ends) else self._plan.seeds * len(self._finalists)

    def _another_fits(self, seeds: int) -> bool:
        if seeds < FEWEST_SEEDS:
            return True
        seconds = sum(finalist.seconds for finalist in self._finalists) / self._slots
        return self._clock() + seconds <= self._plan.confirmation_ends

    def _segment(self, trial: Trial) -> Segment:
        """Champion and first seed: its weights are the ones the study hands out."""
        is_kept = trial.slot == slot(self._finalists[0], 0)
        return Segment(trial, trial.horizon, keeps_checkpoint=is_kept, opens_test=True)

    def _wanted(self, seeds: range) -> list[Trial]:
        """A trial for each finalist and seed; within a seed the largest first, so that few workers wait at the end."""
        order = sorted(range(len(self._finalists)), key=lambda rank: -self._finalists[rank].size)
        return [self._trial(rank, number) for number in seeds for rank in order]

    def _trial(self, rank: int, number: int) -> Trial:
        fresh = self._seed * SEEDS_A_STUDY + FRESH_SEEDS + number
        return replace(
            self._finalists[rank],
            phase=self.name,
            slot=slot(self._finalists[rank], number),
            division=fresh,
            seed=fresh,
            number=-1,
            state=TrialState.RUNNING,
            outcomes=[],
        )


def slot(finalist: Trial, number: int) -> str:
    """The slot of a finalist's network and the number of a fresh seed."""
    return f"{finalist.architecture.fingerprint}/{number}"


def choose_finalists(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    """Champion, runner-up and baselines, from the trials of the phases before that were trained to the horizon.

    The champion has the best search score of all that lie in the space, the runner-up the best of any other
    architecture; then come the three landmarks best on the search rows, in the space or not, and where one of those is
    already among them, the next best trials.
    """
    full = [t for t in trials if t.phase in COMPARABLE_PHASES and t.horizon == t.reached == horizon]
    ranked = _distinct(sorted(full, key=lambda trial: -(trial.search_score or 0.0)))
    landmarks = [trial for trial in ranked if trial.phase == "landmarks"][:LANDMARK_BASELINES]
    own = [trial for trial in ranked if trial.phase != "landmarks" or trial.candidate.lies_in(space)]
    return _distinct([*own[:2], *landmarks, *own])[:FINALISTS] if own else []


def _distinct(trials: Sequence[Trial]) -> list[Trial]:
    first: dict[str, Trial] = {}
    for trial in trials:
        first.setdefault(trial.architecture.fingerprint, trial)
    return list(first.values())
