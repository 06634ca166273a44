"""A page of a study's trials, from Optuna's tables: its storage tells of all trials of a study or of single ones."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import optuna
from sqlalchemy import DateTime, Engine, Integer, String, column, select, table

from search.storage.recorded_trial import recorded_trial
from search.trial import Trial

# the columns of Optuna's schema that a page needs; a test compares it with what Optuna itself reads
_STUDIES = table("studies", column("study_id", Integer), column("study_name", String))
_TRIALS = table(
    "trials",
    column("trial_id", Integer),
    column("study_id", Integer),
    column("number", Integer),
    column("state", String),
    column("datetime_complete", DateTime),
)
_ATTRIBUTES = table("trial_user_attributes", column("trial_id", Integer), column("key", String), column("value_json"))


def trial_page(engine: Engine, study: str, after: int, limit: int) -> list[Trial]:
    """The trials of a study whose numbers follow one, in their order, at most so many.

    Args:
        engine: of the database.
        study: its name.
        after: number of the trial before the first; -1 for the beginning.
        limit: how many at most.
    """
    wanted = (
        select(_TRIALS)
        .join(_STUDIES, _STUDIES.c.study_id == _TRIALS.c.study_id)
        .where(_STUDIES.c.study_name == study, _TRIALS.c.number > after)
        .order_by(_TRIALS.c.trial_id)  # numbers are given in its order, and it has an index
        .limit(limit)
    )
    attributes: dict[int, dict[str, Any]] = defaultdict(dict)
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
        of_them = select(_ATTRIBUTES).where(_ATTRIBUTES.c.trial_id.in_([row.trial_id for row in rows]))
        for trial_id, key, value in connection.execute(of_them):
            attributes[trial_id][key] = json.loads(value)
    return [
        recorded_trial(
            row.number,
            optuna.trial.TrialState[row.state],
            _timestamp(row.datetime_complete),
            attributes[row.trial_id],
        )
        for row in rows
    ]


def _timestamp(ended: datetime | None) -> float:
    return 0.0 if ended is None else ended.replace(tzinfo=UTC).timestamp()
