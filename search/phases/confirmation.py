"""Confirmation: the frozen champion and its baselines, trained with fresh seeds and scored on the sealed test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.phases import FRESH_SEEDS, SEEDS_A_STUDY, Phase, Segment, longest_first, next_slot
from search.phases.shortlist import comparable, distinct, replicated_scores, shortlisted
from search.plan import FEWEST_SEEDS, FINALISTS, LANDMARK_BASELINES, LONGEST_CONFIRMATION, Plan
from search.trial import Trial, TrialState
from spaces import SearchSpace
from workers.engine import Signal

KEPT_BACK = 0.1
"""Share of the time left that the length of the final trainings is not planned with: steps vary, workers wait."""


class Confirmation(Phase):
    """Trains all finalists with the same fresh seeds, seed after seed. The only phase that opens the sealed test.

    The search needs many short trainings, the champion a long one. So all finalists, the baselines too, are trained for
    as long as the time left allows, at least the search's horizon.

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
        self._horizon = 0

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        self._horizon = self._horizon or (trials[0].horizon if trials else self._longest())
        seeds = len({trial.seed for trial in trials})
        trial = next_slot(self._wanted(range(seeds)), trials)
        if trial is None and seeds < self._plan.seeds and self._finalists and self._another_fits(seeds):
            trial = self._wanted(range(seeds, seeds + 1))[0]
        return Signal.DONE if trial is None else self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.seeds * len(self._finalists)

    def _another_fits(self, seeds: int) -> bool:
        if seeds < FEWEST_SEEDS:
            return True
        seconds = self._step_seconds() * self._horizon / self._slots
        return self._clock() + seconds <= self._plan.confirmation_ends

    def _longest(self) -> int:
        """Optimizer steps of the final trainings; without a time budget those of all others."""
        horizon, left = self._plan.horizon, self._plan.confirmation_ends - self._clock()
        if not self._plan.is_timed or not self._finalists:
            return horizon
        together = self._plan.seeds * self._step_seconds() / self._slots
        slowest = max(finalist.seconds for finalist in self._finalists) / horizon  # it starts first, once a seed
        steps = (1 - KEPT_BACK) * left / max(together, slowest)
        return int(min(max(steps, horizon), LONGEST_CONFIRMATION * horizon))

    def _step_seconds(self) -> float:
        """Worker time of one step of every finalist, scoring included."""
        return sum(finalist.seconds for finalist in self._finalists) / self._plan.horizon

    def segment(self, trial: Trial) -> Segment:
        """Of the first seed the weights are kept: those of the champion are the ones the study hands out."""
        return Segment(trial, trial.horizon, keeps_checkpoint=trial.slot.endswith("/0"), opens_test=True)

    def _wanted(self, seeds: range) -> list[Trial]:
        """A trial for each finalist and seed; within a seed the longest first."""
        order = longest_first(self._finalists, self._plan)
        return [self._trial(finalist, number) for number in seeds for finalist in order]

    def _trial(self, finalist: Trial, number: int) -> Trial:
        fresh = self._seed * SEEDS_A_STUDY + FRESH_SEEDS + number
        return replace(
            finalist,
            phase=self.name,
            slot=slot(finalist, number),
            division=fresh,
            seed=fresh,
            horizon=self._horizon,
            number=-1,
            state=TrialState.RUNNING,
            outcomes=[],
        )


def slot(finalist: Trial, number: int) -> str:
    """The slot of a finalist's network and the number of a fresh seed."""
    return f"{finalist.architecture.fingerprint}/{number}"


def choose_finalists(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    """Champion, runner-up and baselines, from the trials of the phases before that were trained to the horizon.

    Champion and runner-up are the networks in the space that did best on the shortlist, or on the search rows where
    there is none; then come the three landmarks best on the search rows, in the space or not, and where one of those is
    already among them, the next best trials.
    """
    own = ranked(trials, horizon, space)
    tried = sorted(comparable(trials, horizon), key=lambda trial: -(trial.search_score or 0.0))
    landmarks = distinct([trial for trial in tried if trial.phase == "landmarks"])[:LANDMARK_BASELINES]
    return distinct([*own[:2], *landmarks, *own])[:FINALISTS] if own else []


def ranked(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    """The networks in the space, best first: by the shortlist's trainings, those not on it by their search score."""
    replicated = replicated_scores(trials)
    own = shortlisted(trials, horizon, space)
    return sorted(own, key=lambda trial: -replicated.get(trial.architecture.fingerprint, -1.0))
