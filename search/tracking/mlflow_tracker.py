"""MlflowTracker: one parent run a study, one child run a trial, written by the driver off the critical path."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.observer import Observer
from search.phases.adaptive import Adaptive
from search.prior import Prior, influence
from search.settings import without_password
from search.storage.database import keep_log_ahead
from search.tracking.limits import Point, requests, split_values
from search.tracking.logged_models import LoggedModels
from search.tracking.registry import ALIAS, Registry
from search.tracking.study_run import description, leaderboard, study_metrics, study_tags
from search.tracking.system_metrics import SystemMetrics
from search.tracking.trial_run import run_name, run_points, run_tags
from search.tracking.view import VIEW_TAG, view_state
from search.trial import Trial, TrialState
from search.verdict.document import VerdictDocument
from spaces.cost import flops
from spaces.shapes import Task
from workers.metric import Metric

if TYPE_CHECKING:
    from search.export.exportable import ExportableNetwork

# a server that does not answer is left alone and asked again by us; MLflow's own retries wait for minutes, and one that
# repeats a request whose answer was lost would create a run twice
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # two lines a trial

logger = logging.getLogger(__name__)

_STATUS = {TrialState.COMPLETE: "FINISHED", TrialState.PRUNED: "KILLED", TrialState.FAILED: "FAILED"}
LONG = ("space", "asked", "census", "prior")
"""Pages of the specification, told by an artifact and not by params."""
PAUSE_SECONDS = 20.0
"""How long MLflow is left alone after it did not answer."""


@dataclass(frozen=True)
class ModelOf:
    """A network that becomes a model in MLflow: the trial that trained it, and what makes it ready to leave."""

    trial: int
    network: Callable[[], ExportableNetwork]


@dataclass(frozen=True)
class TrackedStudy:
    """What the record tells of a study beside its trials and verdict.

    Attributes:
        name: of the study, its experiment and its parent run.
        specification: what was asked for, as JSON: params of the parent run, all of it in an artifact; `identity`
            tells the study from others of its name.
        metric: what scores are written in too, under its own name.
        task: what networks are built for; None in records of earlier versions.
        resume_command: what writes later what could not be written.
        models: tells, when the study has ended, which networks become models, by name; the one called as the registry's
            alias is registered. None by default.
        prior: what its search began from.
    """

    name: str
    specification: dict[str, Any]
    metric: Metric
    task: Task | None
    resume_command: str
    models: Callable[[], Mapping[str, ModelOf]] | None = None
    prior: Prior | None = None

    @property
    def identity(self) -> str:
        """Tells the study from others of its name."""
        return str(self.specification["identity"])


class MlflowTracker(Observer):
    """Writes a study to MLflow from a thread of its own, so that the search never waits.

    A child run is written when its trial ends, whole: choices as params, the learning curve as metrics. What an earlier
    run of the study left out, having been killed or MLflow having been away, is written when it resumes or ends, from
    the SQL record, in the order of the trials. A child that is not marked as ended is half-written: it is deleted and
    written anew, so that each trial stands there once.

    Args:
        uri: MLflow's tracking URI.
        artifacts: folder for artifacts where MLflow keeps its record in a database file; a server has its own.
        study: what the record tells of it.
    """

    def __init__(self, uri: str, artifacts: Path, study: TrackedStudy) -> None:
        self._uri = uri
        self._artifacts = artifacts
        self._study = study
        self._mine = f"tags.`penchant.study` = '{study.identity}'"
        self._ended: dict[int, Trial] = {}
        self._written: set[int] = set()
        self._document: VerdictDocument | None = None
        self._report: Callable[[], str] | None = None
        self._opened = self._is_whole = False
        self._system: SystemMetrics | None = None
        self._paused_until = 0.0
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="penchant-mlflow")

    def study_starts(self, known: list[Trial]) -> None:
        """See `Observer`."""
        self._ended = {trial.number: trial for trial in known if trial.state is not TrialState.RUNNING}
        # at once, while Ray starts: to import MLflow takes seconds of a CPU, which must not fall into the timing
        self._writer.submit(self._catch_up)

    def trial_ends(self, trial: Trial) -> None:
        """See `Observer`."""
        self._ended[trial.number] = trial
        self._writer.submit(self._catch_up)

    def study_ends(self, document: VerdictDocument, report: Callable[[], str]) -> None:
        """See `Observer`."""
        self._document, self._report = document, report

    def close(self) -> None:
        """See `Observer`."""
        self._writer.submit(self._finish)
        self._writer.shutdown(wait=True)
        missing = len(self._ended.keys() - self._written)
        if missing or not self._is_whole:
            what = f"{missing} trials are" if missing else "the end of the study is"
            where, command = without_password(self._uri), self._study.resume_command
            logger.warning("%s not in MLflow (%s); to write what is missing: %s", what, where, command)

    def _catch_up(self) -> None:
        """Writes what is missing, unless MLflow did not answer a moment ago."""
        if time.monotonic() >= self._paused_until:
            self._attempt(self._write_missing)

    def _finish(self) -> None:
        """One last attempt at what is missing, then the verdict and the end of the parent run."""
        self._is_whole = self._attempt(self._write_missing) and self._attempt(self._write_end)
        if self._is_whole and self._document is not None and self._document.champion is not None:
            self._log_models(self._document)

    def _attempt(self, write: Callable[[], None]) -> bool:
        """An outage of MLflow costs the study nothing but the attempt."""
        try:
            write()
        except Exception as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            self._opened = False  # what was half-written is looked for and written anew
            logger.warning("MLflow: %s", (str(error) or repr(error)).splitlines()[0])
            return False
        return True

    def _write_missing(self) -> None:
        """Every ended trial that has no run yet."""
        self._open()
        for number in sorted(self._ended.keys() - self._written):
            self._write_trial(self._ended[number])
            self._written.add(number)
        if self._system is not None and (points := self._system.sample()):
            now = time.time()
            self._log(self._parent, {}, points, now, now)

    def _write_end(self) -> None:
        if self._document is not None:
            self._write_verdict(self._document)
            self._write_report()
        self._client.set_terminated(self._parent, "KILLED" if self._document is None else "FINISHED")

    def _write_report(self) -> None:
        """A report that cannot be made leaves the rest of the record as it is."""
        assert self._report is not None, "it comes with the verdict"
        try:
            page = self._report()
        except Exception as error:
            self._warn("the report is not there", error)
            return
        self._client.log_text(self._parent, page, "report.html")

    def _log_models(self, document: VerdictDocument) -> None:
        """Last, when the record is whole: exporting may fail of itself, as an operation of a user's may make it."""
        try:
            models = self._study.models() if self._study.models else {}
        except Exception as error:  # the data are gone, say
            self._warn("no model is there", error)
            return
        for name, model in models.items():
            try:
                if name == ALIAS:
                    registry = Registry(self._client, self._client.get_run(self._parent))
                    registry.register(model.network, document.sentence)
                else:
                    self._log_model(name, model)
            except Exception as error:
                self._warn(f"the {name} is not {'registered' if name == ALIAS else 'among the models'}", error)

    def _log_model(self, name: str, model: ModelOf) -> None:
        """With the run of its trial, unless it is there already."""
        wanted = f"tags.`penchant.trial` = '{model.trial}' and {self._mine}"
        (run,) = self._client.search_runs([self._experiment], wanted)
        models = LoggedModels(self._client, self._study.identity)
        if models.of(run) is None:
            models.log(run, name, model.network())

    def _warn(self, what: str, error: Exception) -> None:
        reason, command = (str(error) or repr(error)).splitlines()[0], self._study.resume_command
        logger.warning("MLflow: %s (%s); to try again: %s", what, reason, command)

    def _open(self) -> None:
        """Finds or creates experiment and parent, and learns which trials are there already."""
        if self._opened:
            return
        from mlflow import MlflowClient  # three seconds, spent in this thread while workers train

        keep_log_ahead(self._uri)
        self._client = MlflowClient(self._uri)
        experiment = self._client.get_experiment_by_name(self._study.name)
        self._experiment = experiment.experiment_id if experiment else self._create_experiment()
        self._client.set_experiment_tag(self._experiment, VIEW_TAG, view_state(self._study.metric))
        self._open_parent()
        self._find_written()
        self._opened = True

    def _create_experiment(self) -> str:
        is_file = not self._uri.startswith("http")
        return self._client.create_experiment(
            self._study.name,
            artifact_location=(self._artifacts / self._study.name).as_uri() if is_file else None,
            # without it the UI opens in its view for language-model applications
            tags={"mlflow.experimentKind": "custom_model_development"},
        )

    def _open_parent(self) -> None:
        """A new parent run, or the one there is; its params are completed, since a driver may have been killed here."""
        found = self._client.search_runs([self._experiment], f"tags.`penchant.role` = 'study' and {self._mine}")
        if found:
            self._client.update_run(found[0].info.run_id, status="RUNNING")
        tags = {"penchant.role": "study", "penchant.study": self._study.identity}
        parent = found[0] if found else self._client.create_run(self._experiment, run_name=self._study.name, tags=tags)
        self._parent = parent.info.run_id
        if self._system is None:
            self._system = SystemMetrics(began=parent.info.start_time / 1000)
        params = split_values({name: told for name, told in self._study.specification.items() if name not in LONG})
        self._log(self._parent, {name: params[name] for name in params.keys() - parent.data.params.keys()}, [])

    def _find_written(self) -> None:
        """Whole child runs count as written; a half-written one, or a second one of a trial, is deleted."""
        self._written.clear()
        token = None
        while True:
            wanted = f"tags.`penchant.role` = 'trial' and {self._mine}"
            page = self._client.search_runs([self._experiment], wanted, page_token=token)
            for run in page:
                number = int(run.data.tags["penchant.trial"])
                if run.info.status == "RUNNING" or number in self._written:
                    self._client.delete_run(run.info.run_id)
                else:
                    self._written.add(number)
            token = page.token
            if not token:
                return

    def _write_trial(self, trial: Trial) -> None:
        ended = trial.ended_at or time.time()
        began = ended - trial.seconds
        tags = run_tags(trial) | {"mlflow.parentRunId": self._parent, "penchant.study": self._study.identity}
        run = self._client.create_run(
            self._experiment, start_time=_milliseconds(began), run_name=run_name(trial), tags=tags
        )
        points = run_points(trial, self._study.metric, self._flops(trial))
        self._log(run.info.run_id, split_values(trial.candidate.choices()), points, began, ended)
        self._client.set_terminated(run.info.run_id, _STATUS[trial.state], _milliseconds(ended))

    def _log(
        self, run: str, params: dict[str, str], points: list[Point], began: float = 0.0, ended: float = 0.0
    ) -> None:
        """Writes params and points; the last step is at the end, the others evenly before it."""
        from mlflow.entities import Metric as Entry
        from mlflow.entities import Param

        last = max((point.step for point in points), default=0) or 1
        for some_params, some_points in requests(params, points):
            self._client.log_batch(
                run,
                params=[Param(name, value) for name, value in some_params.items()],
                metrics=[
                    Entry(name, value, _milliseconds(began + step / last * (ended - began)), step)
                    for name, value, step in some_points
                ],
                synchronous=True,
            )

    def _flops(self, trial: Trial) -> int | None:
        """Operations of the forward pass of one row, where they can be counted."""
        if trial.flops is not None or trial.failed or self._study.task is None:
            return trial.flops
        try:
            return flops(trial.architecture, self._study.task)
        except Exception:  # an operation of a user's may train and yet not be countable
            return None

    def _write_verdict(self, document: VerdictDocument) -> None:
        client, parent = self._client, self._parent
        client.log_dict(parent, document.to_json(), "verdict.json")
        client.log_text(parent, leaderboard(self._ended.values()), "leaderboard.csv")
        client.log_dict(parent, self._study.specification, "specification.json")
        page = f"#/experiments/{self._experiment}/runs/{parent}"
        files = ["report.html", "verdict.json", "leaderboard.csv", "specification.json"]
        proposals = [trial for trial in self._ended.values() if trial.phase == Adaptive.name]
        prior = influence(self._study.prior, [trial.from_prior for trial in proposals])
        text = description(document, page, files, prior)
        client.set_experiment_tag(self._experiment, "mlflow.note.content", text)
        for name, value in (study_tags(document, self._study.prior) | {"mlflow.note.content": text}).items():
            client.set_tag(parent, name, value)
        told = client.get_run(parent).data.metrics
        for name, figure in study_metrics(document).items():
            if told.get(name) != figure:  # a study that is resumed after its end tells nothing twice
                client.log_metric(parent, name, figure)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
