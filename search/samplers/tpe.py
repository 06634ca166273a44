"""The tree-structured Parzen estimator, Optuna's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import optuna
from optuna.trial import FrozenTrial, create_trial

from search.candidate import Candidate
from search.samplers import SAMPLERS, Sampler
from search.trial import Trial
from spaces import SearchSpace
from spaces.choices import Categorical, Choice, Choose, Integer, Value, kept
from spaces.parameter_band import persistently
from workers.metric import WORST_SCORE

MOST_TRIALS_SEEN = 200
"""A proposal's cost grows with the history, so it is bounded: the latest trials are seen."""


@SAMPLERS.register("tpe")
class TpeSampler(Sampler):
    """Models where good and bad trials lie, choice by choice. Bergstra et al. 2011.

    `multivariate=False` regretted less than Optuna's default on a noisy conditional landscape.
    """

    def __init__(self, space: SearchSpace) -> None:
        super().__init__(space)
        self._finished: dict[int, FrozenTrial] = {}  # by number: what is told of these does not change
        optuna.logging.set_verbosity(optuna.logging.WARNING)

    def propose(self, trials: Sequence[Trial], rng: np.random.Generator) -> Candidate:
        """See `Sampler.propose`."""
        sampler = optuna.samplers.TPESampler(multivariate=False, seed=int(rng.integers(2**31)))
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.add_trials([self._seen(trial) for trial in trials[-MOST_TRIALS_SEEN:]])
        return persistently(lambda: Candidate.decide(self.space, _suggesting(study.ask(), rng)))

    def _seen(self, trial: Trial) -> FrozenTrial:
        """What Optuna is told of a trial: a failed one is the worst, an unfinished one is pruned where it stands."""
        if trial.number in self._finished:
            return self._finished[trial.number]
        values, distributions = trial.candidate.parameters(self.space)
        if trial.finished:
            value = WORST_SCORE if trial.search_score is None else trial.search_score
            self._finished[trial.number] = create_trial(params=values, distributions=distributions, value=value)
            return self._finished[trial.number]
        running = optuna.trial.TrialState.RUNNING
        return create_trial(
            params=values,
            distributions=distributions,
            state=optuna.trial.TrialState.PRUNED if trial.outcomes else running,
            intermediate_values={o.stop: o.search_score for o in trial.outcomes if o.search_score is not None},
        )


def _suggesting(trial: optuna.Trial, rng: np.random.Generator) -> Choose:
    """A `Choose` that lets an Optuna trial decide; where its answer is not offered, `rng` draws one that is.

    Optuna wants the same distribution under a name whatever was answered before.
    """

    def suggest(name: str, choice: Choice) -> Value:
        return kept(choice, _suggested(trial, name, choice.domain), rng)

    return suggest


def _suggested(trial: optuna.Trial, name: str, choice: Choice) -> Value:
    if isinstance(choice, Categorical):
        return cast(Value, trial.suggest_categorical(name, choice.options))
    if isinstance(choice, Integer):
        return trial.suggest_int(name, choice.low, choice.high)
    return trial.suggest_float(name, choice.low, choice.high, log=choice.log)
