"""Runs a phase by itself, as the driver would."""

from dataclasses import replace

from search.phases import Segment
from search.phases.census import Census
from search.plan import Plan
from tests.search.made import SPACE
from workers.outcome import Outcome, Status

PLAN = Plan(
    horizon=90, landmarks=6, blocks=3, doubled=3, adaptive=12, shortlisted=3, replicates=2, finalists=5, seeds=4
)
FAMILIES = SPACE.families


def census(clock=lambda: 0.0, seed=4, timed=None, **changes) -> Census:
    """A census of the plan with these changes."""
    return Census(SPACE, replace(PLAN, **changes), seed=seed, slots=2, clock=clock, timed=timed or {})


def run(phase, trials=None, *, score=0.5, seconds=1.0, most=1000):
    """Does everything a phase wants, one after the other, as the driver does."""
    trials = [] if trials is None else trials
    order = []
    for _ in range(most):
        segment = phase.next(trials)
        if not isinstance(segment, Segment):
            return trials, order, segment
        trial = segment.trial
        if trial.number < 0:
            trial.number = len(trials)
            trials.append(trial)
        order.append((trial.slot, trial.reached, segment.stop))
        trial.outcomes.append(
            Outcome(trial.number, trial.reached, segment.stop, Status.TRAINED, "", score, score, score, seconds=seconds)
        )
    return trials, order, None
