"""Trials made by hand, for tests of what is decided from them."""

from dataclasses import replace

import numpy as np

from search.candidate import Candidate
from search.trial import Trial, TrialState
from spaces import SearchSpace
from spaces.choices import sampling
from workers.outcome import Outcome, Status

SPACE = SearchSpace.named("everything")


def made_trial(
    number: int = 0,
    *,
    family: str = "convolution",
    phase: str = "adaptive",
    slot: str | None = None,
    scores: dict[int, float] | None = None,
    confirm: float | None = None,
    test: float | None = None,
    horizon: int = 90,
    failure: Status | None = None,
    seconds: float = 1.0,
    **changes,
) -> Trial:
    """A trial of a family with a search score at each of some steps, or with a failure."""
    candidate = Candidate.decide(SPACE.only([family]), sampling(np.random.default_rng([number + 1, 77])))
    trial = Trial(phase, slot or str(number), candidate, division=0, seed=0, horizon=horizon, number=number)
    start = 0
    for stop, score in (scores or {}).items():
        outcome = Outcome(number, start, stop, Status.TRAINED, "", score, score if confirm is None else confirm, test)
        trial.outcomes.append(replace(outcome, seconds=seconds, parameters=100 + number))
        start = stop
    if failure is not None:
        trial.outcomes.append(Outcome(number, start, horizon, failure, "because", seconds=seconds))
    if trial.finished:
        trial.state = TrialState.FAILED if trial.failed else TrialState.COMPLETE
    return replace(trial, **changes)
