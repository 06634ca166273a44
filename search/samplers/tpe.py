"""The tree-structured Parzen estimator, Optuna's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import optuna
from optuna.trial import FrozenTrial, create_trial

from search.candidate import distribution
from search.samplers import SAMPLERS, Sampler
from search.samplers.domain import Domain, P, Record
from search.samplers.variation import asked
from spaces.choices import Categorical, Choice, Choose, Integer, Value, kept, offered
from spaces.parameter_band import persistently
from workers.metric import WORST_SCORE

MOST_TRIALS_SEEN = 200
"""A proposal's cost grows with the history, so it is bounded: the latest trials are seen."""
STEPS = 1000
"""Optuna's steps are whole numbers: thousandths of the full training."""


@SAMPLERS.register("tpe")
class TpeSampler(Sampler[P]):
    """Models where good and bad trials lie, choice by choice. Bergstra et al. 2011.

    `multivariate=False` regretted less than Optuna's default on a noisy conditional landscape.
    """

    def __init__(self, domain: Domain[P]) -> None:
        super().__init__(domain)
        optuna.logging.set_verbosity(optuna.logging.WARNING)

    def propose(self, records: Sequence[Record[P]], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        sampler = optuna.samplers.TPESampler(multivariate=False, seed=int(rng.integers(2**31)))
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.add_trials([self._seen(record) for record in records[-MOST_TRIALS_SEEN:]])
        return persistently(lambda: self.domain.decide(_suggesting(study.ask(), rng)))

    def _seen(self, record: Record[P]) -> FrozenTrial:
        """What Optuna is told: a failed one is the worst, an unfinished one is pruned where it stands."""
        sketch = record.proposal.choices()
        choices = {
            name: choice
            for name, choice in asked(self.domain, sketch).items()
            if name in sketch and offered(choice, sketch[name])  # it may lie outside the domain
        }
        values = {name: sketch[name] for name in choices}
        distributions = {name: distribution(choice.domain) for name, choice in choices.items()}
        state, value = optuna.trial.TrialState.COMPLETE, record.full_score
        if record.failed:
            value = WORST_SCORE
        elif value is None:
            state = optuna.trial.TrialState.PRUNED if record.scores else optuna.trial.TrialState.RUNNING
        return create_trial(
            state=state,
            value=value,
            params=values,
            distributions=distributions,
            intermediate_values={round(STEPS * share): score for share, score in record.scores.items()},
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
