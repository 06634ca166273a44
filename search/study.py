"""Study: from a data set and a budget to a verdict and a champion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from search.course import Course
from search.driver import Driver
from search.event_log import EventLog
from search.finalists import CHAMPION
from search.judgement import budget_spent, judge
from search.objectives import SCORE
from search.observer import Observer
from search.progress import progress_display
from search.request import StudyRequest, check_address, requested
from search.settings import Settings
from search.storage.database import Database
from search.storage.events import EventStore
from search.storage.fence import Fence
from search.storage.lease import Lease
from search.storage.ledger import LedgerStore
from search.storage.studies import StudyState, StudyStore, Submission
from search.storage.trials import TrialStore
from search.studied_set import StudiedSet
from search.study_record import StudyRecord
from search.tracking.mlflow_tracker import MlflowTracker, ModelOf, TrackedStudy
from search.trial import Trial
from search.verdict.document import VerdictDocument
from workers.checkpoint import Checkpoints
from workers.engine import Engine


class Study(StudyRecord):
    """One question asked of one data set; create it, or load it by name and go on."""

    def __init__(self, name: str, settings: Settings, database: Database) -> None:
        super().__init__(name, settings, database)
        self._lease = Lease(self._store, name)

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

    def delete(self) -> None:
        """Removes the study with its trials and weights from here; its runs in MLflow stay.

        Raises:
            WrongState: it runs, or waits for a runner.
        """
        checkpoints = self._checkpoints
        self._store.delete(self.name)
        self._trial_store.delete()
        checkpoints.keep_only(set())

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


@contextmanager
def _closing(observers: Sequence[Observer]) -> Iterator[None]:
    try:
        yield
    finally:
        for observer in observers:
            observer.close()
