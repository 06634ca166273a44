"""A trial entered at once is the trial that Optuna would have entered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, create_trial
from sqlalchemy import func, select

from search.storage.database import Database
from search.storage.optuna_storage import PARAMS

CHOICES = {"operation": "lstm", "blocks": 2, "rate": 0.01, "causal": False}
DISTRIBUTIONS = {
    "operation": CategoricalDistribution(("gru", "lstm")),
    "blocks": IntDistribution(1, 4),
    "rate": FloatDistribution(1e-4, 1.0, log=True),
    "causal": CategoricalDistribution((False, True)),
}
TEMPLATE = create_trial(
    state=optuna.trial.TrialState.RUNNING,
    params=CHOICES,
    distributions=DISTRIBUTIONS,
    user_attrs={"phase": "census", "recipe": {"rate": 0.01}, "seed": 3},
)


def closed(storage: optuna.storages.RDBStorage) -> None:
    storage.remove_session()
    storage.engine.dispose()


@pytest.fixture
def storage(either: Database) -> Iterator[optuna.storages.RDBStorage]:
    """Ours, on a database of either kind."""
    yield either.optuna_storage()
    closed(either.optuna_storage())


def test_a_trial_reads_as_one_that_optuna_entered(storage: optuna.storages.RDBStorage):
    """Whoever opens the record with Optuna sees no difference but the time and the numbers."""
    began = datetime.now(UTC).replace(tzinfo=None)
    theirs = optuna.storages.RDBStorage(storage.url)
    study = storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "study")
    entered = [each.get_trial(each.create_new_trial(study, TEMPLATE)) for each in (theirs, storage) * 2]
    assert [trial.number for trial in entered] == [0, 1, 2, 3]
    assert described(entered[1]) == described(entered[0])
    assert entered[1].params == CHOICES and entered[1].distributions == DISTRIBUTIONS
    assert began <= entered[1].datetime_start <= datetime.now(UTC).replace(tzinfo=None)
    closed(theirs)


def test_a_trial_without_choices_is_entered_too(storage: optuna.storages.RDBStorage):
    """As of a network from outside the study's space; nothing is made up for it."""
    study = storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "study")
    bare = create_trial(state=optuna.trial.TrialState.RUNNING)
    read = storage.get_trial(storage.create_new_trial(study, bare))
    assert (read.params, read.user_attrs) == ({}, {})
    with storage.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(PARAMS)) == 0


def test_each_study_numbers_its_own_trials(storage: optuna.storages.RDBStorage):
    """From 0, whatever is entered into others in between."""
    studies = [storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], name) for name in ("a", "b")]
    for study in (*studies, *studies, studies[0]):
        storage.create_new_trial(study, TEMPLATE)
    assert [[trial.number for trial in storage.get_all_trials(study)] for study in studies] == [[0, 1, 2], [0, 1]]


def test_a_trial_that_has_ended_is_entered_whole(storage: optuna.storages.RDBStorage):
    """What is more than choices and attributes, values say, is not lost."""
    study = storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "study")
    ended = create_trial(value=0.5, params=CHOICES, distributions=DISTRIBUTIONS, intermediate_values={1: 0.25})
    read = storage.get_trial(storage.create_new_trial(study, ended))
    assert (read.value, read.intermediate_values, read.params) == (0.5, {1: 0.25}, CHOICES)


def described(trial: FrozenTrial) -> dict:
    """Everything but when it began and which it is."""
    told = vars(trial).copy()
    for name in ("_number", "number", "_trial_id", "_datetime_start", "datetime_start"):
        told.pop(name, None)
    return told
