"""OptunaStorage: Optuna's storage, which enters a trial with all its choices at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from optuna.distributions import distribution_to_json
from optuna.storages import RDBStorage
from optuna.storages._rdb.models import StudyModel, TrialModel, TrialParamModel, TrialUserAttributeModel
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import func, insert, select

TRIALS, PARAMS, ATTRIBUTES = (model.__table__ for model in (TrialModel, TrialParamModel, TrialUserAttributeModel))


class OptunaStorage(RDBStorage):
    """Optuna looks for every choice of a new trial what it was before, and counts all trials: 40 ms and more.

    Here a study's choices come from its own recorded space, and one driver numbers its trials.
    """

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """See Optuna; a template that has more than choices and user attributes is left to it."""
        if template_trial is None or template_trial.state is not TrialState.RUNNING or _has_results(template_trial):
            return super().create_new_trial(study_id, template_trial)
        last = select(TRIALS.c.number).where(TRIALS.c.study_id == study_id).order_by(TRIALS.c.trial_id.desc()).limit(1)
        values = {"number": func.coalesce(last.scalar_subquery() + 1, 0), "study_id": study_id}
        started = datetime.now(UTC).replace(tzinfo=None)
        with self.engine.begin() as connection:
            connection.execute(select(StudyModel.study_id).where(StudyModel.study_id == study_id).with_for_update())
            trial = insert(TRIALS).values(**values, state=TrialState.RUNNING, datetime_start=started)
            trial_id: int = connection.execute(trial.returning(TRIALS.c.trial_id)).scalar_one()
            for table, rows in ((PARAMS, _params(template_trial)), (ATTRIBUTES, _attributes(template_trial))):
                if rows:  # a candidate from outside the space has no choices
                    connection.execute(insert(table), [{"trial_id": trial_id, **row} for row in rows])
        return trial_id

    def get_trial_number_from_id(self, trial_id: int) -> int:
        """See Optuna, which reads all of the trial."""
        with self.engine.connect() as connection:
            number = connection.scalar(select(TRIALS.c.number).where(TRIALS.c.trial_id == trial_id))
        if number is None:
            raise KeyError(f"no trial with trial_id {trial_id}")
        return int(number)


def _has_results(template: FrozenTrial) -> bool:
    return bool(template.values or template.intermediate_values or template.system_attrs)


def _params(template: FrozenTrial) -> list[dict[str, object]]:
    return [
        {
            "param_name": name,
            "param_value": template.distributions[name].to_internal_repr(value),
            "distribution_json": distribution_to_json(template.distributions[name]),
        }
        for name, value in template.params.items()
    ]


def _attributes(template: FrozenTrial) -> list[dict[str, object]]:
    return [{"key": key, "value_json": json.dumps(value)} for key, value in template.user_attrs.items()]
