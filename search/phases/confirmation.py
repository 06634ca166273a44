"""Confirmation: the frozen champion and its baselines, trained with fresh seeds and scored on the sealed test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.phases import FRESH_SEEDS, SEEDS_A_STUDY, Phase, Segment, longest_first, next_slot
from search.phases.final_length import final_length, seconds_a_step
from search.plan import FEWEST_SEEDS, MOST_SEEDS, Plan
from search.trial import Trial, TrialState
from workers.engine import Signal


class Confirmation(Phase):
    """Trains all finalists with the same fresh seeds, seed after seed. The only phase that opens the sealed test.

    All finalists, the baselines too, are trained for as long as the time left allows; see `final_length`. Where they
    may not be longer, or were quicker than planned, the time goes into more seeds; what they score plays no part.

    Args:
        finalists: champion first; see `choose_finalists`.
        plan: seeds that time is kept for, and when the last must have ended.
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
        self._horizon = self._horizon or (trials[0].horizon if trials else self._length())
        seeds = len({trial.seed for trial in trials})
        trial = next_slot(self._wanted(range(seeds)), trials)
        if trial is None and self._finalists and self._wants_another(seeds):
            trial = self._wanted(range(seeds, seeds + 1))[0]
        return Signal.DONE if trial is None else self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.seeds * len(self._finalists)

    def _wants_another(self, seeds: int) -> bool:
        if not self._plan.is_timed or seeds < FEWEST_SEEDS:
            return seeds < self._plan.seeds
        seconds = self._horizon * seconds_a_step(self._finalists, self._slots)
        return seeds < MOST_SEEDS and self._clock() + seconds <= self._plan.confirmation_ends

    def _length(self) -> int:
        trainings = [*self._finalists] * self._plan.seeds
        return final_length(self._plan, trainings, self._slots, self._clock())

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
