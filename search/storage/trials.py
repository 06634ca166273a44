"""TrialStore: the trials of one study in Optuna's storage."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Self

import optuna
from optuna.trial import FrozenTrial, create_trial

from search.candidate import Candidate
from search.trial import Trial, TrialState
from spaces import Architecture, SearchSpace
from workers.outcome import Outcome
from workers.recipe import Recipe

_STATES = {
    TrialState.RUNNING: optuna.trial.TrialState.RUNNING,
    TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
    TrialState.PRUNED: optuna.trial.TrialState.PRUNED,
    TrialState.FAILED: optuna.trial.TrialState.FAIL,
}


class TrialStore:
    """Records each trial when it starts, each segment's outcome when it is known, and how the trial ended.

    A trial's choices are Optuna parameters, its search scores intermediate values, everything else user attributes, so
    that Optuna's own tools read the study.

    The start of a trial is written by a thread, since Optuna takes tens of milliseconds for it, in which a worker would
    wait. Writes stay in order: whatever comes next waits for it, and tells of its failure. So a killed driver leaves a
    record that was true a moment ago. As a context manager it ends with everything written.

    Args:
        storage: Optuna's storage.
        study: name of the study, which exists there or is created.
        space: the study's space, for the distributions of the parameters.
    """

    def __init__(self, storage: optuna.storages.BaseStorage, study: str, space: SearchSpace) -> None:
        self._storage = storage
        self._space = space
        self._study_id = _study_id(storage, study)
        self._ids: dict[int, int] = {}  # number of a trial -> Optuna's id of it
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="penchant-trials")
        self._starting: Future[None] | None = None

    def create(self, trial: Trial) -> None:
        """Gives a trial that starts its number and begins to record it."""
        self._settle()
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
        trial.number = len(self._ids)
        self._starting = self._writer.submit(self._create, template, trial.number)

    def _create(self, template: FrozenTrial, number: int) -> None:
        trial_id = self._storage.create_new_trial(self._study_id, template)
        given = self._storage.get_trial_number_from_id(trial_id)
        if given != number:
            raise RuntimeError(f"trial {number} became number {given}: another program writes to this study")
        self._ids[number] = trial_id

    def _settle(self) -> None:
        """Waits for the start that is being written, if there is one, and raises what went wrong with it."""
        starting, self._starting = self._starting, None
        if starting is not None:
            starting.result()

    def begin(self, trial: Trial) -> None:
        """Records how far a further segment of a trial is to go."""
        self._settle()
        self._storage.set_trial_user_attr(self._ids[trial.number], "stop", trial.stop)

    def report(self, trial: Trial) -> None:
        """Records the latest outcome of a trial."""
        self._settle()
        outcome = trial.outcomes[-1]
        trial_id = self._ids[trial.number]
        if outcome.search_score is not None:
            self._storage.set_trial_intermediate_value(trial_id, outcome.stop, outcome.search_score)
        # last, since a resumed study believes this one alone
        self._storage.set_trial_user_attr(trial_id, f"outcome:{len(trial.outcomes)}", outcome.to_json())

    def finish(self, trial: Trial) -> None:
        """Records how a trial ended; Optuna's value of a pruned one is its last intermediate value."""
        self._settle()
        score = trial.search_score if trial.state is not TrialState.FAILED else None
        values = None if score is None else [score]
        self._storage.set_trial_state_values(self._ids[trial.number], _STATES[trial.state], values)

    def load(self) -> list[Trial]:
        """All trials recorded so far, in the order of their numbers."""
        self._settle()
        frozen = sorted(self._storage.get_all_trials(self._study_id), key=lambda trial: trial.number)
        self._ids = {trial.number: trial._trial_id for trial in frozen}
        return [_thawed(trial) for trial in frozen]

    def delete(self) -> None:
        """Removes the study with all its trials."""
        self._storage.delete_study(self._study_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._settle()
        elif self._starting is not None:
            wait([self._starting])


def _study_id(storage: optuna.storages.BaseStorage, name: str) -> int:
    try:
        return storage.get_study_id_from_name(name)
    except KeyError:
        return storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], name)


def _thawed(frozen: FrozenTrial) -> Trial:
    attributes: dict[str, Any] = frozen.user_attrs
    reported = sorted((name for name in attributes if name.startswith("outcome:")), key=lambda n: int(n.split(":")[1]))
    return Trial(
        phase=attributes["phase"],
        slot=attributes["slot"],
        candidate=Candidate(Architecture.from_json(attributes["architecture"]), Recipe(**attributes["recipe"])),
        division=attributes["division"],
        seed=attributes["seed"],
        horizon=attributes["horizon"],
        number=frozen.number,
        state=next(ours for ours, optunas in _STATES.items() if optunas is frozen.state),
        outcomes=[Outcome.from_json(attributes[name]) for name in reported],
        stop=attributes.get("stop", attributes["horizon"] if not reported else 0),  # the first version kept none
        from_prior=attributes.get("from_prior", ""),
        ended_at=frozen.datetime_complete.timestamp() if frozen.datetime_complete else 0.0,
    )
