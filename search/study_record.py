"""Record of a study: what was asked, its trials, its verdict and its networks, by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Self

import pandas as pd
from torch import Tensor

from search.champion import Champion
from search.finalists import CHAMPION, confirmed_finalists
from search.judgement import Case, judge
from search.objectives import front
from search.phases.ranking import best_on_search_rows, recorded_horizon
from search.retraining.store import RetrainedStore
from search.settings import Settings, without_password
from search.specification import Specification
from search.storage.database import Database
from search.storage.studies import StudyStore
from search.storage.trial_page import trial_page
from search.storage.trials import TrialStore
from search.tracking.model_registry import ModelRegistry
from search.trial import Trial
from search.verdict.document import VerdictDocument
from spaces import InvalidInput, SearchSpace
from spaces.shapes import Task
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset, load_dataset


class StudyRecord:
    """What is known of a study, whoever runs it; nothing here trains."""

    def __init__(self, name: str, settings: Settings, database: Database) -> None:
        self.name = name
        self._settings = settings
        self._database = database
        self._store = StudyStore(database)
        self._store.get(name)

    @cached_property
    def specification(self) -> Specification:
        """What it was asked to do.

        Raises:
            InvalidInput: a file of the user's own operations is gone or has changed since.
        """
        return Specification.recorded(self._store.get(self.name).spec)

    @property
    def space(self) -> SearchSpace:
        """What it searches."""
        return self.specification.space

    @property
    def task(self) -> Task:
        """What its networks are built for."""
        assert self.space.task is not None, "studies search fitted spaces"
        return self.space.task

    @cached_property
    def _trial_store(self) -> TrialStore:
        return TrialStore(self._database.optuna_storage(), self.name, self.space)

    @cached_property
    def _checkpoints(self) -> Checkpoints:
        return Checkpoints(self._settings.checkpoints, self._folder)

    @property
    def _folder(self) -> str:
        """Tells its files from those of a study of the same name in another database."""
        return f"{self.name}-{self.specification.identity}"

    @property
    def retrained(self) -> RetrainedStore:
        """Its networks that were trained again after it had ended."""
        return RetrainedStore(self._settings.home / "retrained" / self._folder)

    @property
    def models(self) -> ModelRegistry:
        """Its models in MLflow."""
        return ModelRegistry(self.specification.tracking_uri, self._settings.home / "mlartifacts", self.name)

    @classmethod
    def load(cls, name: str, *, storage: str | None = None) -> Self:
        """A study recorded before.

        Raises:
            InvalidInput: there is none of this name.
        """
        settings = Settings.resolve(storage)
        return cls(name, settings, Database(settings.storage))

    @classmethod
    def exists(cls, name: str, *, storage: str | None = None) -> bool:
        """Whether a study of this name is recorded."""
        return any(row.name == name for row in StudyStore(Database(Settings.resolve(storage).storage)).all())

    @property
    def state(self) -> str:
        """Where it stands: created, running, interrupted, finished or failed."""
        return self._store.get(self.name).state

    @property
    def seconds(self) -> float:
        """Wall-clock seconds it has run."""
        return self._store.get(self.name).seconds

    @cached_property
    def dataset(self) -> Dataset:
        """The data, the same as when the study was created.

        Raises:
            InvalidInput: they have changed since.
        """
        asked = self.specification
        data = load_dataset(asked.dataset, asked.modality, asked.target, asked.task, asked.metric.name)
        if data.fingerprint != asked.dataset_fingerprint:
            raise InvalidInput(
                f"{asked.dataset}: found other data ({data.fingerprint}) than study {self.name!r} was "
                f"created with ({asked.dataset_fingerprint}); expected the same"
            )
        return data

    def verdict(self) -> VerdictDocument:
        """The verdict it ended in.

        Raises:
            InvalidInput: it has not ended.
        """
        document = self._store.verdict(self.name)
        if document is None:
            raise InvalidInput(
                f"study {self.name!r} is {self.state} and has no verdict yet; expected a finished one "
                f"(penchant resume {self.name})"
            )
        return VerdictDocument.model_validate(document)

    def report(self) -> str:
        """Everything there is to tell of the study: one HTML page that needs no other file.

        Raises:
            InvalidInput: it has not ended.
        """
        return self._report(self.verdict(), self._trial_store.load())

    def _report(self, document: VerdictDocument, trials: Sequence[Trial]) -> str:
        from search.report import Record, report_page  # templates are read where a report is wanted alone

        created = self._store.get(self.name).created
        return report_page(Record(self.specification, created, trials, document))

    @property
    def champion(self) -> Champion:
        """The best network it found, with weights.

        Raises:
            InvalidInput: it has none yet.
        """
        trial = self._finalists().get(CHAMPION)
        if trial is None:
            raise InvalidInput(f"study {self.name!r} has confirmed no champion; expected one that ran to its end")
        return Champion(trial.architecture, trial, self._checkpoints, self.dataset)

    def _finalists(self) -> dict[str, Trial]:
        return confirmed_finalists(self._trial_store.load(), self.specification.champion_space)

    def trial(self, number: int) -> Trial:
        """The trial of this number.

        Raises:
            InvalidInput: there is none.
        """
        trials = self._trial_store.load()
        if not 0 <= number < len(trials):
            raise InvalidInput(f"study {self.name!r} has no trial {number}: expected 0 to {len(trials) - 1}")
        return trials[number]

    def weights(self, trial: Trial) -> dict[str, Tensor]:
        """The state dict that a trial reached, on the CPU.

        Raises:
            InvalidInput: none is kept, as of most trials once the study has ended.
        """
        try:
            state: dict[str, Tensor] = self._checkpoints.load(trial.number, trial.reached)["network"]
        except FileNotFoundError as error:
            raise InvalidInput(
                f"trial {trial.number} of study {self.name!r} kept no weights, as only the finalists' are kept; "
                f"train it again with: penchant retrain {self.name} --trial {trial.number} --epochs 20"
            ) from error
        return state

    def trials(self) -> pd.DataFrame:
        """A row a trial: phase, family, state, scores, cost, and its choices."""
        return pd.DataFrame([trial.summary() for trial in self._trial_store.load()])

    def trial_page(self, after: int, limit: int) -> tuple[list[Trial], bool]:
        """At most `limit` trials whose numbers follow `after`, and whether there are more."""
        trials = trial_page(self._database.engine, self.name, after, limit + 1)
        return trials[:limit], len(trials) > limit

    def front(self) -> pd.DataFrame:
        """The networks of which no other is better in one objective and no worse in all others, best score first.

        A row a network: trial, fingerprint, family, value (of the study's metric, on the search rows), parameters,
        flops (of one row), latency (of one row, in seconds; missing where it was not measured) and seconds (of the full
        training). Where the score is the only objective, networks are compared by score and parameters.
        """
        return front(self.networks(), self.specification.objectives, self.task, self.specification.metric)

    def networks(self) -> list[Trial]:
        """The best full training of each network in its space, best on the search rows first."""
        trials = self._trial_store.load()
        return best_on_search_rows(trials, recorded_horizon(trials), self.specification.champion_space)

    def trials_by_phase(self) -> dict[str, int]:
        """How many trials each phase had."""
        return dict(Counter(trial.phase for trial in self._trial_store.load()))

    def command(self, verb: str) -> str:
        """The command line that does something with this study, such as `resume`, which also completes MLflow."""
        command = f"penchant {verb} {self.name}"
        if self._settings.storage == Settings.resolve().storage:
            return command
        return f"{command} --storage {without_password(self._settings.storage)}"

    def _case(self, dataset: str, trials: Sequence[Trial]) -> Case:
        asked, space = self.specification, self.specification.champion_space
        task = space.task or self.dataset.task  # the first version recorded none
        told = (self.name, dataset, asked.metric, task, space, asked.seed, recorded_horizon(trials))
        return Case(*told, networks=asked.census_networks, constant_score=asked.constant_score)

    def judged_again(self, *, best_of: int | None = None, epsilon: float | None = None) -> VerdictDocument:
        """The verdict computed anew from the recorded trials: nothing is trained, and no data are read.

        What the study spent is told as it was. With the default settings, and the version of Penchant that ended the
        study, the document is the same, byte for byte.

        Args:
            best_of: m of the expected best; by default 8 from 24 trials a family on, below that a fifth of them.
            epsilon: of a score, from 0 to 1, by default .01; a smaller difference makes none in practice.

        Raises:
            InvalidInput: the study has not ended, or one of the settings is none.
        """
        recorded, trials = self.verdict(), self._trial_store.load()
        case = self._case(recorded.dataset, trials)
        case = replace(case, best_of=best_of, epsilon=case.epsilon if epsilon is None else epsilon)
        return judge(case, trials, recorded.budget)
