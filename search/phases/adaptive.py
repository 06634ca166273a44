"""Adaptive search: a sampler proposes, successive halving decides who trains on; hybrids are allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from search.candidate import Candidate
from search.halving import Halving, is_unpruned
from search.phases import SEEDS_A_STUDY, Phase, Segment, pause
from search.plan import Plan
from search.samplers import Sampler
from search.trial import Trial
from workers.engine import Signal

LEARNT_FROM = ("landmarks", "census")
ATTEMPTS = 20
"""Proposals made before one already tried is accepted for want of another."""


class Adaptive(Phase):
    """Looks for the champion among all networks of the space.

    Args:
        sampler: proposes the candidates.
        plan: horizon, most trials, and when the last segment may start.
        seed: the study's seed.
        before: all trials of the study, as they come; from those of the landmarks and the census the sampler learns.
        clock: seconds the study has run.
    """

    name = "adaptive"
    lets_next_start = True

    def __init__(
        self, sampler: Sampler, plan: Plan, seed: int, before: Sequence[Trial], clock: Callable[[], float]
    ) -> None:
        self._sampler = sampler
        self._plan = plan
        self._seed = seed
        self._before = before
        self._clock = clock
        self._halving = Halving(plan.horizon)

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        if self._clock() > self._plan.adaptive_ends:
            return Signal.DONE
        waiting = (trial for trial in trials if not trial.outcomes and not trial.in_flight)
        trial = next(waiting, None) or self._halving.promotion(trials)
        if trial is None and len(trials) < self._plan.adaptive:
            trial = self._new(trials)
        return pause(trials) if trial is None else self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if np.isfinite(self._plan.adaptive_ends) else self._plan.adaptive

    def segment(self, trial: Trial) -> Segment:
        """Up to the trial's next rung, or to the end where it is not pruned."""
        stop = self._plan.horizon if is_unpruned(trial) else self._halving.next_rung(trial.reached)
        return Segment(trial, stop, keeps_checkpoint=stop < self._plan.horizon)

    def _new(self, trials: Sequence[Trial]) -> Trial:
        slot = len(trials)
        rng = np.random.default_rng([self._seed, 3, slot])
        shared = self._seed * SEEDS_A_STUDY
        return Trial(self.name, str(slot), self._untried(trials, rng), shared, shared, self._plan.horizon)

    def _untried(self, trials: Sequence[Trial], rng: np.random.Generator) -> Candidate:
        """A candidate that was not tried before and whose architecture is not known to fail."""
        known = [*(trial for trial in self._before if trial.phase in LEARNT_FROM), *trials]
        tried = {trial.candidate for trial in known}
        failing = {trial.architecture.fingerprint for trial in known if trial.failed}
        for _ in range(ATTEMPTS):
            candidate = self._sampler.propose(known, rng)
            if candidate not in tried and candidate.architecture.fingerprint not in failing:
                break
        return candidate
