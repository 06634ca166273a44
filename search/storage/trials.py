"""TrialStore: the trials of one study in Optuna's storage."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import optuna
from optuna.trial import FrozenTrial, create_trial

from search.storage.recorded_trial import OPTUNA_STATES, recorded_trial
from search.storage.writer import Writer
from search.trial import Trial, TrialState
from spaces import SearchSpace
from workers.outcome import Outcome


class TrialStore:
    """Records each trial when it starts, each segment's outcome when it is known, and how the trial ended.

    A trial's choices are Optuna parameters, its search scores intermediate values, everything else user attributes, so
    that Optuna's own tools read the study.

    All of it is written by a thread, in order, since Optuna takes tens of milliseconds for a trial, in which a worker
    would wait: see `Writer`. As a context manager it ends with everything written.

    Args:
        storage: Optuna's storage.
        study: name of the study, which exists there or is created.
        space: the study's space, for the distributions of the parameters.

    Attributes:
        writer: the thread, for whoever writes of the trials elsewhere, and after they are recorded.
    """

    def __init__(self, storage: optuna.storages.BaseStorage, study: str, space: SearchSpace) -> None:
        self._storage = storage
        self._space = space
        self._study_id = _study_id(storage, study)
        self._ids: dict[int, int] = {}  # number of a trial -> Optuna's id of it
        self._count = 0
        self._tried = -1  # number of the trial whose creation was begun last
        self.writer = Writer()

    def create(self, trial: Trial) -> None:
        """Gives a trial that starts its number and begins to record it."""
        values, distributions = trial.candidate.parameters(self._space)
        attributes = {
            "phase": trial.phase,
            "slot": trial.slot,
            "architecture": trial.architecture.to_json(),
            "fingerprint": trial.architecture.fingerprint,
            "family": trial.family,
            "recipe": trial.candidate.recipe.to_json(),
            "division": trial.division,
            "seed": trial.seed,
            "horizon": trial.horizon,
            "stop": trial.stop,
            **({"from_prior": trial.from_prior} if trial.from_prior else {}),
        }
        template = create_trial(
            state=optuna.trial.TrialState.RUNNING, params=values, distributions=distributions, user_attrs=attributes
        )
        trial.number = self._count
        self._count += 1
        self.writer.write(self._create, template, trial.number)

    def _create(self, template: FrozenTrial, number: int) -> None:
        trial_id = self._created(number) if self._tried == number else None
        self._tried = number
        if trial_id is None:
            trial_id = self._storage.create_new_trial(self._study_id, template)
        given = self._storage.get_trial_number_from_id(trial_id)
        if given != number:
            raise RuntimeError(f"trial {number} became number {given}: another program writes to this study")
        self._ids[number] = trial_id

    def _created(self, number: int) -> int | None:
        """The trial of this number, which may be there though the connection broke before the database could say so."""
        recorded = self._storage.get_all_trials(self._study_id, deepcopy=False)
        return next((trial._trial_id for trial in recorded if trial.number == number), None)

    def begin(self, trial: Trial) -> None:
        """Records how far a further segment of a trial is to go."""
        self.writer.write(self._set_attribute, trial.number, "stop", trial.stop)

    def report(self, trial: Trial) -> None:
        """Records the latest outcome of a trial."""
        self.writer.write(self._report, trial.number, trial.outcomes[-1], f"outcome:{len(trial.outcomes)}")

    def _report(self, number: int, outcome: Outcome, name: str) -> None:
        if outcome.search_score is not None:
            self._storage.set_trial_intermediate_value(self._ids[number], outcome.stop, outcome.search_score)
        # last, since a resumed study believes this one alone
        self._set_attribute(number, name, outcome.to_json())

    def _set_attribute(self, number: int, name: str, value: Any) -> None:
        self._storage.set_trial_user_attr(self._ids[number], name, value)

    def finish(self, trial: Trial) -> None:
        """Records how a trial ended; Optuna's value of a pruned one is its last intermediate value."""
        score = trial.search_score if trial.state is not TrialState.FAILED else None
        self.writer.write(self._finish, trial.number, OPTUNA_STATES[trial.state], None if score is None else [score])

    def _finish(self, number: int, state: optuna.trial.TrialState, values: list[float] | None) -> None:
        try:
            self._storage.set_trial_state_values(self._ids[number], state, values)
        except optuna.exceptions.UpdateFinishedTrialError:  # done, though a broken connection could not say so
            if self._storage.get_trial(self._ids[number]).state is not state:
                raise

    def load(self) -> list[Trial]:
        """All trials recorded so far, in the order of their numbers."""
        self.writer.settle()
        frozen = sorted(self._storage.get_all_trials(self._study_id), key=lambda trial: trial.number)
        self._ids = {trial.number: trial._trial_id for trial in frozen}
        self._count = len(frozen)
        return [
            recorded_trial(
                trial.number,
                trial.state,
                trial.datetime_complete.timestamp() if trial.datetime_complete else 0.0,
                trial.user_attrs,
            )
            for trial in frozen
        ]

    def delete(self) -> None:
        """Removes the study with all its trials."""
        self._storage.delete_study(self._study_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.drain() if error else self.writer.settle()


def _study_id(storage: optuna.storages.BaseStorage, name: str) -> int:
    try:
        return storage.get_study_id_from_name(name)
    except KeyError:
        return storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], name)
