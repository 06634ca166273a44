"""Adaptive search: a sampler proposes, its schedule decides who trains on; hybrids are allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from search.candidate import Candidate
from search.fresh_outcomes import FreshOutcomes
from search.objectives import CostsOf, no_costs
from search.phases import SEEDS_A_STUDY, Phase, Segment, pause
from search.phases.contrasts import Contrasts
from search.plan import Plan
from search.samplers import Sampler
from search.samplers.domain import Record
from search.samplers.history import History
from search.samplers.variation import realized
from search.schedules import Schedule
from search.trial import Trial
from workers.engine import Signal

if TYPE_CHECKING:
    from search.prior import PriorNetwork

LEARNT_FROM = ("landmarks", "census")
ATTEMPTS = 20
"""Proposals made before one already tried is accepted for want of another."""
PRIOR_EVERY, PRIOR_FIRST = 10, 1
"""Of each ten proposals the second is the prior's; it is none of those trained to the end whatever their scores."""


class Adaptive(Phase):
    """Looks for the champion among all networks of the space.

    Args:
        sampler: proposes the candidates.
        schedule: decides how far they are trained.
        plan: most trials, and when the last segment may start.
        seed: the study's seed.
        before: all trials of the study, as they come; from those of the landmarks and the census the sampler learns.
        clock: seconds the study has run.
        costs: what the study wants little of beside a high score, from a trial.
        prior: what did best on similar data sets, in the order in which it is proposed.
        more: trials beyond those of the plan that others left; None as long as that is open.
    """

    name = "adaptive"
    lets_next_start = True

    def __init__(
        self,
        sampler: Sampler[Candidate],
        schedule: Schedule,
        plan: Plan,
        seed: int,
        before: Sequence[Trial],
        clock: Callable[[], float],
        costs: CostsOf = no_costs,
        prior: Sequence[PriorNetwork] = (),
        more: Callable[[], int | None] = lambda: 0,
    ) -> None:
        self._prior = prior
        self._more = more
        self._costs = costs
        self._sampler = sampler
        self._plan = plan
        self._seed = seed
        self._before = before
        self._clock = clock
        self._schedule = schedule
        self._history: History[Candidate] = History()
        self._places: dict[tuple[str, str], int] = {}  # phase and slot of a trial -> its index in the history
        self._fresh_before, self._fresh = FreshOutcomes(), FreshOutcomes()
        self._failing: set[str] = set()

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        if self._clock() > self._plan.adaptive_ends:
            return Signal.DONE
        more = self._more() if len(trials) >= self._plan.adaptive else 0
        most = self._plan.adaptive + (more or 0)
        spent = self._spent(is_full=len(trials) >= most)
        trial = self._schedule.promotion(trials, spent)
        if trial is not None:
            self._fresh.expect(trial)
        elif len(trials) < most and self._schedule.takes_new(trials, spent):
            trial = self._new(trials)
        elif more is None:
            return Signal.WAIT
        return pause(trials) if trial is None else self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.adaptive + (self._more() or 0)

    def segment(self, trial: Trial) -> Segment:
        """As far as the schedule has it."""
        stop = self._schedule.stop(trial)
        return Segment(trial, stop, keeps_checkpoint=stop < self._plan.horizon)

    def _spent(self, *, is_full: bool) -> float:
        """Share of the phase that is over; without a budget of time it is over when the last trial has started."""
        if not self._plan.is_timed:
            return float(is_full)
        follows_contrasts = any(trial.phase == Contrasts.name for trial in self._before)
        began = self._plan.contrasts_ends if follows_contrasts else self._plan.doubling_ends
        ends = self._plan.adaptive_ends
        return max(0.0, (self._clock() - began) / (ends - began))

    def _new(self, trials: Sequence[Trial]) -> Trial:
        slot = len(trials)
        rng = np.random.default_rng([self._seed, 3, slot])
        shared = self._seed * SEEDS_A_STUDY
        self._learn(trials)
        candidate, origin = self._from_prior(trials, rng) if slot % PRIOR_EVERY == PRIOR_FIRST else (None, "")
        candidate = candidate or self._untried(rng)
        return Trial(self.name, str(slot), candidate, shared, shared, self._plan.horizon, from_prior=origin)

    def _from_prior(self, trials: Sequence[Trial], rng: np.random.Generator) -> tuple[Candidate | None, str]:
        """The next network of the prior, as near as the space comes to it, and its origin; None when all were tried."""
        tried = {trial.from_prior for trial in trials}
        for network in self._prior:
            if network.origin not in tried:
                candidate = realized(self._sampler.domain, network.choices, rng)
                if self._is_worth_trying(candidate):
                    return candidate, network.origin
        return None, ""

    def _untried(self, rng: np.random.Generator) -> Candidate:
        """A candidate that was not tried before and whose architecture is not known to fail."""
        history = self._history.weighing(rng)
        for _ in range(ATTEMPTS):
            candidate = self._sampler.propose(history, rng)
            if self._is_worth_trying(candidate):
                break
        return candidate

    def _is_worth_trying(self, candidate: Candidate) -> bool:
        fails = candidate.architecture.fingerprint in self._failing
        return not fails and not self._history.was_tried(candidate.choices())

    def _learn(self, trials: Sequence[Trial]) -> None:
        """Enters what has become known since the last proposal."""
        before = (trial for trial in self._fresh_before.since(self._before) if trial.phase in LEARNT_FROM)
        for trial in (*before, *self._fresh.since(trials)):
            record = record_of(trial, self._schedule.rungs, self._costs, is_timed=self._plan.is_timed)
            place = self._places.get((trial.phase, trial.slot))
            if place is None:
                self._places[trial.phase, trial.slot] = self._history.add(record)
            else:
                self._history.replace(place, record)
            if trial.failed:
                self._failing.add(trial.architecture.fingerprint)


def record_of(
    trial: Trial, rungs: Sequence[int], costs: CostsOf = no_costs, *, is_timed: bool = False
) -> Record[Candidate]:
    """A trial's costs, and its scores at the rungs, also at those which it went through without a stop.

    Where trials are counted and not timed its seconds stay out, so that the search repeats.
    """
    scores = {rung / rungs[-1]: trial.score_after(rung) for rung in rungs}
    known = {share: score for share, score in scores.items() if score is not None}
    seconds = trial.full_seconds if is_timed else None
    return Record(trial.candidate, known, trial.failed, costs(trial), seconds or math.nan)


def proposals_from_prior(trials: Sequence[Trial]) -> list[Trial]:
    """The trials of the search that a prior proposed; their networks may have been trained again in later phases."""
    return [trial for trial in trials if trial.phase == Adaptive.name and trial.from_prior]
