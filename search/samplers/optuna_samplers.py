"""Optuna's samplers, by name, as strategies."""

from __future__ import annotations

import copy
from collections.abc import Callable, Container
from typing import Any, ClassVar, cast

import numpy as np
import optuna
from optuna.samplers import BaseSampler
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from search.candidate import distribution
from search.samplers import Sampler
from search.samplers.domain import Domain, P, Record
from search.samplers.history import History
from search.samplers.variation import asked
from spaces.choices import Categorical, Choice, Choose, Integer, Value, kept
from spaces.errors import InvalidInput
from spaces.parameter_band import persistently
from workers.metric import WORST_SCORE

MOST_TRIALS_SEEN = 200
"""A proposal's cost grows with the history, so it is bounded: the latest trials are seen."""
FIT = ("GPSampler", "RandomSampler", "TPESampler")
"""Those that decide from the trials alone; others keep a state, or cannot do without a grid or a further package."""
STEPS = 1000
"""Optuna's steps are whole numbers: thousandths of the full training."""


class KnownTrials(InMemoryStorage):
    """A storage that also holds trials which were never written to it.

    Optuna copies each trial that is added to a study, several times what a sampler needs to decide.

    Args:
        known: numbered from 1 on.
    """

    def __init__(self, known: list[FrozenTrial]) -> None:
        super().__init__()
        self._known = known

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """See Optuna's `BaseStorage`; the known ones first."""
        known = [trial for trial in self._known if states is None or trial.state in states]
        return (copy.deepcopy(known) if deepcopy else known) + super().get_all_trials(study_id, deepcopy, states)


class OptunaSampler(Sampler[P]):
    """Lets one of Optuna's samplers decide, which is made anew for each proposal and told of the trials."""

    make: ClassVar[Callable[..., BaseSampler]]

    def __init__(self, domain: Domain[P]) -> None:
        super().__init__(domain)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._told: dict[int, tuple[Record[P], FrozenTrial]] = {}  # index in the history -> what Optuna is told of it

    def propose(self, history: History[P], rng: np.random.Generator) -> P:
        """See `Sampler.propose`."""
        sampler = type(self).make(seed=int(rng.integers(2**31)))
        latest = range(max(0, len(history) - MOST_TRIALS_SEEN), len(history))
        known = {index: self._told_of(index, history[index]) for index in latest}
        self._told = known
        for number, (_, trial) in enumerate(known.values(), start=1):  # 0 is that of the trial that is asked for
            trial.number = number
        storage = KnownTrials([trial for _, trial in known.values()])
        study = optuna.create_study(direction="maximize", sampler=sampler, storage=storage)
        return persistently(lambda: self.domain.decide(_suggesting(study.ask(), rng)))

    def _told_of(self, index: int, record: Record[P]) -> tuple[Record[P], FrozenTrial]:
        known = self._told.get(index)
        return known if known is not None and known[0] is record else (record, self._seen(record))

    def _seen(self, record: Record[P]) -> FrozenTrial:
        """What Optuna is told: a failed one is the worst, an unfinished one is pruned where it stands."""
        sketch = record.proposal.choices()
        choices = {
            name: choice
            for name, choice in asked(self.domain, sketch).items()
            if name in sketch and choice.offers(sketch[name])  # it may lie outside the domain
        }
        values = {name: sketch[name] for name in choices}
        distributions = {name: distribution(choice.domain) for name, choice in choices.items()}
        state, value = TrialState.COMPLETE, record.full_score
        if record.failed:
            value = WORST_SCORE
        elif value is None:
            state = TrialState.PRUNED if record.scores else TrialState.RUNNING
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


def optuna_strategy(name: str) -> type[OptunaSampler[Any]]:
    """The strategy that asks one of Optuna's samplers.

    Args:
        name: one of `FIT`.

    Raises:
        InvalidInput: it is not.
    """
    if name not in FIT:
        raise InvalidInput(f"unknown strategy 'optuna:{name}': expected optuna: and one of {', '.join(FIT)}")
    return type(name, (OptunaSampler,), {"make": getattr(optuna.samplers, name)})
