"""Study: from a data set and a budget to a verdict and a champion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from torch import Tensor

from search.champion import Champion
from search.course import Course
from search.driver import Driver
from search.event_log import EventLog
from search.finalists import CHAMPION, confirmed_finalists
from search.judgement import Case, budget_spent, judge
from search.objectives import SCORE, front
from search.observer import Observer
from search.phases.ranking import best_on_search_rows, recorded_horizon
from search.progress import progress_display
from search.request import StudyRequest, check_address, requested
from search.retraining.store import RetrainedStore
from search.settings import Settings, without_password
from search.specification import Specification
from search.storage.database import Database
from search.storage.events import EventStore
from search.storage.fence import Fence
from search.storage.lease import Lease
from search.storage.ledger import LedgerStore
from search.storage.studies import StudyState, StudyStore, Submission
from search.storage.trial_page import trial_page
from search.storage.trials import TrialStore
from search.studied_set import StudiedSet
from search.tracking.mlflow_tracker import MlflowTracker, ModelOf, TrackedStudy
from search.tracking.model_registry import ModelRegistry
from search.trial import Trial
from search.verdict.document import VerdictDocument
from spaces import InvalidInput, SearchSpace
from spaces.shapes import Task
from workers.checkpoint import Checkpoints
from workers.datasets import Dataset, load_dataset
from workers.engine import Engine


class Study:
    """One question asked of one data set; create it, or load it by name and go on."""

    def __init__(self, name: str, settings: Settings, database: Database) -> None:
        self.name = name
        self._settings = settings
        self._database = database
        self._store = StudyStore(database)
        self._store.get(name)
        self._lease = Lease(self._store, name)

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
    def create(
        cls,
        dataset: str,
        *,
        modality: str | None = None,
        target: str | None = None,
        task: str | None = None,
        metric: str | None = None,
        space: str | Mapping[str, Any] = "everything",
        operations: Sequence[str | Path] = (),
        budget: str | None = None,
        trials: int | None = None,
        epochs: int | None = None,
        prior: bool = True,
        reuse: bool = False,
        seed: int = 0,
        name: str | None = None,
        max_parameters: int | None = None,
        max_flops: int | None = None,
        objective: str = SCORE,
        strategy: str = "penchant",
        workers: int | None = None,
        address: str | None = None,
        storage: str | None = None,
        tracking_uri: str | None = None,
    ) -> Study:
        """Enters a new study; nothing is written before everything given was found to be right.

        Args:
            dataset: registered name, path of a file (.npz, .csv, .tsv or .parquet) or of a folder of images, or
                `huggingface:` or `torchvision:` and a name.
            modality: what its rows are; inferred where it is not given.
            target: of a table, the column that is predicted.
            task: `"classification"`, `"regression"` or `"next_token"`; inferred where it is not given.
            metric: what candidates are compared by, see `workers.metric.METRICS`; by default the first of the task's.
            space: name of a search space, path of a file that describes one, or what would stand in it.
            operations: Python files that register operations of your own.
            budget: wall-clock time such as `5m`, the default; or else
            trials: exact number of trials, and
            epochs: length of a full training, in passes over the training rows in batches of 32.
            prior: whether the search may begin from what did best on the most similar data sets of this database.
            reuse: whether trainings that an earlier study did exactly so (the same data, seed, candidate and length, on
                this machine, by the same code) are served from its record.
            seed: fixes everything that is drawn.
            name: of the study; by default the data set's, with a number where that is taken.
            max_parameters: most parameters of any network, and
            max_flops: most operations of the forward pass of one row; any number by default.
            objective: what the search looks for: score, or score and some of parameters, flops, latency and seconds,
                with commas between.
            strategy: sampler of the adaptive phase.
            workers: trainings at a time; all CPUs by default.
            address: of a running Ray cluster; a Ray of the study's own by default.
            storage: SQLAlchemy URL; SQLite by default.
            tracking_uri: MLflow's; SQLite by default.

        Raises:
            InvalidInput: something given is wrong.
        """
        fields = {name: value for name, value in locals().items() if name not in ("cls", "dataset")}
        fields |= {"data": dataset, "operations": [str(path) for path in operations]}
        return cls.requested(requested(fields))

    @classmethod
    def requested(cls, request: StudyRequest, submission: Submission | None = None) -> Study:
        """Enters the study that is asked for; see `create`.

        Args:
            request: what is asked for.
            submission: makes it wait for a runner.
        """
        data = request.load_data()
        specification, settings = request.specify(data), request.settings()
        database = Database(settings.storage)
        database.optuna_storage()  # before the study exists: the database may be another program's
        Checkpoints(settings.checkpoints).check()
        specification = request.informed(specification, data, LedgerStore(database).comparable)
        name = StudyStore(database).create(specification, request.name, data.name, submission)
        return cls(name, settings, database)

    @classmethod
    def load(cls, name: str, *, storage: str | None = None) -> Study:
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

    def delete(self) -> None:
        """Removes the study with its trials and weights from here; its runs in MLflow stay.

        Raises:
            WrongState: it runs, or waits for a runner.
        """
        checkpoints = self._checkpoints
        self._store.delete(self.name)
        self._trial_store.delete()
        checkpoints.keep_only(set())

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

    def run(self, engine: Engine | None = None, observers: Sequence[Observer] | None = None) -> VerdictDocument:
        """Runs the study to its end, from where it stands; one that is finished returns its verdict.

        A study in which no candidate at all trained to the end is `failed`; its verdict says that there is none.

        Args:
            engine: where candidates are trained; Ray, here or at the study's address, by default.
            observers: who is told what happens; progress on standard error, events and MLflow by default.

        Raises:
            InvalidInput: another process runs it, or its data have changed.
        """
        observers = self.observers() if observers is None else observers
        if self.state == StudyState.FINISHED:
            with _closing(observers):
                return self._retold(observers)
        dataset = self.dataset
        engine = engine or self._ray()
        with self._lease as lease, _closing(observers):
            if self._is_judged():  # and was killed before it could say so
                lease.end_state = StudyState.FINISHED
                return self._retold(observers)
            trials = self._trial_store.load()
            for observer in observers:
                observer.study_starts(trials)
            with Fence(self._database.optuna_storage().engine, self.name), self._trial_store as store, engine:
                slots, course = engine.slots, Course(self.specification, dataset)
                driver = Driver(
                    course.phases(trials, slots, lease.seconds),
                    trials,
                    store,
                    observers,
                    course.limit_seconds,
                    lease.ensure_held,
                    lease.seconds,
                    measures_latency="latency" in self.specification.objectives,
                    earlier=self._earlier() if self.specification.reuse else {},
                )
                engine.run(driver, dataset, self._checkpoints)
                document = judge(self._case(dataset.name, trials), trials, budget_spent(trials, lease.seconds(), slots))
            # before the verdict, with which a study that is killed here is done: nothing trains on from these states
            self._checkpoints.keep_only({trial.number for trial in trials if trial.phase == "confirmation"})
            self._store.save_verdict(self.name, document.to_json(), self._learnt(document, trials))
            for observer in observers:
                observer.study_ends(document, partial(self._report, document, trials))
            lease.end_state = StudyState.FINISHED if document.champion else StudyState.FAILED
        return document

    def _learnt(self, document: VerdictDocument, trials: Sequence[Trial]) -> StudiedSet | None:
        """What studies of similar data sets may begin from; nothing where no candidate trained to the end."""
        if document.champion is None:
            return None
        asked = self.specification
        prior = [each.study for each in asked.prior.sets] if asked.prior else []
        return StudiedSet.of(self.name, self.dataset, trials, asked.champion_space, prior)

    def _earlier(self) -> dict[str, list[Trial]]:
        """Trials of the other studies of these data whose seeds are this study's too, by the study's name."""
        same = ("dataset_fingerprint", "modality", "target", "task", "metric", "seed", "operation_files")
        mine = {key: value for key, value in self._store.get(self.name).spec.items() if key in same}
        storage = self._database.optuna_storage()
        return {
            row.name: TrialStore(storage, row.name, self.space).load()
            for row in self._store.all()
            if row.name != self.name and mine == {key: value for key, value in row.spec.items() if key in same}
        }

    def _retold(self, observers: Sequence[Observer]) -> VerdictDocument:
        """The verdict of a finished study; observers that missed something, MLflow after an outage, hear it now."""
        document, trials = self.verdict(), self._trial_store.load()
        for observer in observers:
            observer.study_starts(trials)
            observer.study_ends(document, partial(self._report, document, trials))
        return document

    def _is_judged(self) -> bool:
        document = self._store.verdict(self.name)
        return document is not None and document["champion"] is not None

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

    def observers(self) -> list[Observer]:
        """Progress on standard error, the study's events, and MLflow."""
        asked = self.specification
        told = asked.model_dump(mode="json", exclude={"tracking_uri"})
        tracked = TrackedStudy(
            self.name, told, asked.metric, self.space.task, self.command("resume"), self._models, asked.prior
        )
        return [
            progress_display(Console(stderr=True), self._time_left, asked.metric),
            EventLog(EventStore(self._database), self.name, asked.metric, self._trial_store.writer),
            MlflowTracker(asked.tracking_uri, self._settings.home / "mlartifacts", tracked),
        ]

    def _models(self) -> dict[str, ModelOf]:
        """The finalists whose weights are kept; an earlier version kept the champion's alone."""
        from search.export.found import of_study  # knows studies, and is wanted at the end alone

        return {
            name: ModelOf(trial.number, partial(of_study, self, None if name == CHAMPION else trial.number))
            for name, trial in self._finalists().items()
            if self._checkpoints.steps(trial.number)
        }

    def command(self, verb: str) -> str:
        """The command line that does something with this study, such as `resume`, which also completes MLflow."""
        command = f"penchant {verb} {self.name}"
        if self._settings.storage == Settings.resolve().storage:
            return command
        return f"{command} --storage {without_password(self._settings.storage)}"

    def _time_left(self) -> float | None:
        budget = self.specification.budget_seconds
        return None if budget is None else budget - self._lease.seconds()

    def _ray(self) -> Engine:
        return self.engine(self.specification.workers, self.specification.address)

    def engine(self, workers: int | None, address: str | None) -> Engine:
        """Ray, with so many trainings at a time, here or at an address.

        Raises:
            InvalidInput: no Ray cluster listens there, or checkpoints cannot be kept.
        """
        from workers.tune_engine import TuneEngine  # two seconds, spent where Ray is wanted alone

        check_address(address)
        self._checkpoints.check()  # a worker that cannot save would fail candidates that are sound
        return TuneEngine(workers, address, self.specification.operations())

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


@contextmanager
def _closing(observers: Sequence[Observer]) -> Iterator[None]:
    try:
        yield
    finally:
        for observer in observers:
            observer.close()
