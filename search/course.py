"""Course: the phases of a study in their order, and how its budget is shared between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from search.candidate import CandidateDomain
from search.objectives import costs_of
from search.phases import Phase
from search.phases.adaptive import Adaptive
from search.phases.census import Census
from search.phases.confirmation import Confirmation
from search.phases.contrasts import Contrasts
from search.phases.doubling import Doubling
from search.phases.landmarks import LandmarksPhase, landmarks_within
from search.phases.ranking import choose_finalists, recorded_horizon
from search.phases.shortlist import Shortlist
from search.phases.timing import Timing, seconds_by_slot, step_seconds, timing_blocks
from search.plan import TIMING_SHARE, Plan, plan_time, plan_trials
from search.request import steps_an_epoch
from search.samplers import strategy
from search.schedules import SCHEDULES
from search.specification import Specification
from search.trial import Trial
from spaces import SearchSpace
from workers.datasets import Dataset
from workers.recipe import Recipe

SHORTEST_LIMIT_SECONDS, LIMIT_FACTOR = 1800.0, 20.0
"""Of a training without a budget of time: no honest one is so much slower than all others."""


@dataclass(frozen=True)
class Course:
    """What a study does from its beginning to its end.

    Attributes:
        specification: what it was asked to do.
        dataset: its data.
    """

    specification: Specification
    dataset: Dataset

    @property
    def space(self) -> SearchSpace:
        """What is searched."""
        return self.specification.space

    def phases(self, trials: list[Trial], slots: int, clock: Callable[[], float]) -> Iterator[Phase]:
        """The phases in order; each is made when the one before it has started everything.

        Args:
            trials: all trials of the study, as they come.
            slots: trainings at a time.
            clock: seconds the study has run.
        """
        asked, space = self.specification, self.space
        seed = asked.seed
        if asked.budget_seconds is not None:
            budget = asked.budget_seconds
            yield Timing(asked.census_space, seed, timing_blocks(budget), TIMING_SHARE * budget, clock)
        plan = self.plan(trials, slots)
        usual = Recipe.usual(self.dataset.task, asked.metric.name)
        yield LandmarksPhase(space, plan.landmarks, plan.horizon, seed, usual)
        timed = seconds_by_slot([trial for trial in trials if trial.phase == "timing"])
        yield Census(asked.census_space, plan, seed, slots, clock, timed)
        yield Doubling(trials, space.families, plan, slots, clock)
        contrasts = Contrasts(trials, space, plan, seed, slots, clock)
        if plan.contrasted:
            yield contrasts
        costs = costs_of(asked.objectives, self.dataset.task)
        sampler = strategy(asked.strategy)(CandidateDomain(space))
        schedule = SCHEDULES[asked.schedule](plan.horizon, steps_an_epoch(self.dataset), trials, costs)
        prior = asked.prior.networks if asked.prior else ()
        yield Adaptive(sampler, schedule, plan, seed, trials, clock, costs, prior, contrasts.room_left)
        yield Shortlist(trials, asked.champion_space, plan, seed, slots, clock)
        finalists = choose_finalists(trials, plan.horizon, asked.champion_space)[: plan.finalists]
        yield Confirmation(finalists, plan, seed, slots, clock)

    def plan(self, trials: Sequence[Trial], slots: int) -> Plan:
        """How the budget is shared, from the specification, the timing trials and the trainings at a time.

        Once a full training is recorded its horizon stands, whatever machines a resumed study finds.
        """
        asked, landmarks = self.specification, len(landmarks_within(self.space))
        families = len(self.space.families)
        if asked.budget_seconds is None:
            assert asked.trials is not None and asked.horizon is not None
            return plan_trials(asked.trials, asked.horizon, families, landmarks, asked.components)
        seconds = step_seconds([trial for trial in trials if trial.phase == "timing"])
        plan = plan_time(asked.budget_seconds, slots, seconds, families, landmarks, asked.components)
        return replace(plan, horizon=recorded_horizon(trials) or plan.horizon)

    def limit_seconds(self, slowest: float) -> float:
        """No single training may eat more than a quarter of the budget, or many times what the slowest took so far."""
        if self.specification.budget_seconds is not None:
            return self.specification.budget_seconds / 4
        return max(SHORTEST_LIMIT_SECONDS, LIMIT_FACTOR * slowest)
