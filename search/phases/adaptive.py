"""Adaptive search: a sampler proposes, its schedule decides who trains on; hybrids are allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from search.candidate import Candidate
from search.phases import SEEDS_A_STUDY, Phase, Segment, pause
from search.plan import Plan
from search.samplers import Sampler
from search.samplers.domain import Record
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
        epoch: optimizer steps of one pass over the train rows.
        seed: the study's seed.
        before: all trials of the study, as they come; from those of the landmarks and the census the sampler learns.
        clock: seconds the study has run.
    """

    name = "adaptive"
    lets_next_start = True

    def __init__(
        self,
        sampler: Sampler[Candidate],
        plan: Plan,
        epoch: int,
        seed: int,
        before: Sequence[Trial],
        clock: Callable[[], float],
    ) -> None:
        self._sampler = sampler
        self._plan = plan
        self._seed = seed
        self._before = before
        self._clock = clock
        self._schedule = sampler.schedule(plan.horizon, epoch)
        self._records: dict[int, tuple[int, Record[Candidate]]] = {}  # number of a trial -> its outcomes and record

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        if self._clock() > self._plan.adaptive_ends:
            return Signal.DONE
        waiting = (trial for trial in trials if not trial.outcomes and not trial.in_flight)
        spent = self._spent(trials)
        trial = next(waiting, None) or self._schedule.promotion(trials, spent)
        if trial is None and len(trials) < self._plan.adaptive and self._schedule.takes_new(spent):
            trial = self._new(trials)
        return pause(trials) if trial is None else self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return None if self._plan.is_timed else self._plan.adaptive

    def segment(self, trial: Trial) -> Segment:
        """As far as the schedule has it."""
        stop = self._schedule.stop(trial)
        return Segment(trial, stop, keeps_checkpoint=stop < self._plan.horizon)

    def _spent(self, trials: Sequence[Trial]) -> float:
        """Share of the phase that is over; without a budget of time it is over when the last trial has started."""
        if not self._plan.is_timed:
            return float(len(trials) >= self._plan.adaptive)
        began, ends = self._plan.doubling_ends, self._plan.adaptive_ends
        return max(0.0, (self._clock() - began) / (ends - began))

    def _new(self, trials: Sequence[Trial]) -> Trial:
        slot = len(trials)
        rng = np.random.default_rng([self._seed, 3, slot])
        shared = self._seed * SEEDS_A_STUDY
        return Trial(self.name, str(slot), self._untried(trials, rng), shared, shared, self._plan.horizon)

    def _untried(self, trials: Sequence[Trial], rng: np.random.Generator) -> Candidate:
        """A candidate that was not tried before and whose architecture is not known to fail."""
        known = [*(trial for trial in self._before if trial.phase in LEARNT_FROM), *trials]
        records = [self._record(trial) for trial in known]
        tried = {record.proposal for record in records}
        failing = {record.proposal.architecture.fingerprint for record in records if record.failed}
        for _ in range(ATTEMPTS):
            candidate = self._sampler.propose(records, rng)
            if candidate not in tried and candidate.architecture.fingerprint not in failing:
                break
        return candidate

    def _record(self, trial: Trial) -> Record[Candidate]:
        """What the sampler is told of a trial; made anew where an outcome has come."""
        outcomes, record = self._records.get(trial.number, (-1, None))
        if record is None or outcomes != len(trial.outcomes):
            record = record_of(trial, self._schedule.rungs)
            self._records[trial.number] = len(trial.outcomes), record
        return record


def record_of(trial: Trial, rungs: Sequence[int]) -> Record[Candidate]:
    """A trial's scores at the rungs it has passed, also where it went through them without a stop.

    Between two points of its learning curve the score is taken to change evenly; before the first it is unknown.
    """
    steps = [point.step for point in trial.curve]
    scores = [point.search_score for point in trial.curve]
    known = {rung: trial.score_at(rung) for rung in rungs}
    passed = {
        rung: float(np.interp(rung, steps, scores)) for rung in rungs if steps and steps[0] <= rung <= trial.reached
    }
    at = {**passed, **{rung: score for rung, score in known.items() if score is not None}}
    return Record(trial.candidate, {rung / rungs[-1]: score for rung, score in sorted(at.items())}, trial.failed)
