"""MlflowTracker: one parent run a study, one child run a trial, written by the driver off the critical path."""

from __future__ import annotations

import http.client
import json
import logging
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from search.observer import Observer
from search.settings import without_password
from search.trial import Trial, TrialState
from search.verdict.document import VerdictDocument
from spaces.errors import InvalidInput
from workers.metric import Metric

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # the default waits for minutes on a server that is gone
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # two lines a trial

logger = logging.getLogger(__name__)

_STATUS = {TrialState.COMPLETE: "FINISHED", TrialState.PRUNED: "KILLED", TrialState.FAILED: "FAILED"}
LONGEST_VALUE = 6000  # characters MLflow takes in a tag or parameter
PAUSE_SECONDS = 20.0
"""How long MLflow is left alone after it did not answer."""


class MlflowTracker(Observer):
    """Writes a study to MLflow from a thread of its own, so that the search never waits.

    A child run is written when its trial ends, whole: choices as params, the learning curve as metrics. What an earlier
    run of the study left out, having been killed or MLflow having been away, is written when it resumes or ends.

    Args:
        uri: MLflow's tracking URI.
        artifacts: folder for artifacts where MLflow keeps its record in a database file; a server has its own.
        study: name of the study, its experiment and its parent run.
        description: params of the parent run; `identity` tells the study from others of its name.
        resume_command: what writes later what could not be written.
        metric: what scores are written in too, under its own name.
    """

    def __init__(
        self,
        uri: str,
        artifacts: Path,
        study: str,
        description: dict[str, Any],
        resume_command: str,
        metric: Metric,
    ) -> None:
        self._uri = uri
        self._artifacts = artifacts
        self._study = study
        self._description = description
        self._identity = f"tags.`penchant.study` = '{description['identity']}'"
        self._resume_command = resume_command
        self._metric = metric
        self._ended: dict[int, Trial] = {}
        self._written: set[int] = set()
        self._document: VerdictDocument | None = None
        self._report: Callable[[], str] | None = None
        self._opened = False
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
        if missing:
            where = without_password(self._uri)
            logger.warning("%d trials are not in MLflow (%s); to write them: %s", missing, where, self._resume_command)

    def _catch_up(self) -> None:
        """Writes what is missing, unless MLflow did not answer a moment ago."""
        if time.monotonic() >= self._paused_until:
            self._attempt(self._write_missing)

    def _finish(self) -> None:
        """One last attempt at what is missing, then the verdict and the end of the parent run."""
        if self._attempt(self._write_missing):
            self._attempt(self._write_end)

    def _attempt(self, write: Callable[[], None]) -> bool:
        """An outage of MLflow costs the study nothing but the attempt."""
        try:
            write()
        except Exception as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            self._opened = False  # what was half-written is looked for and written anew
            self._written.clear()
            logger.warning("MLflow: %s", (str(error) or repr(error)).splitlines()[0])
            return False
        return True

    def _write_missing(self) -> None:
        """Every ended trial that has no run yet."""
        self._open()
        for number in sorted(self._ended.keys() - self._written):
            self._write_trial(self._ended[number])
            self._written.add(number)

    def _write_end(self) -> None:
        if self._document is not None and self._report is not None:
            self._write_verdict(self._document)
            self._client.log_text(self._parent, self._report(), "report.html")
        self._client.set_terminated(self._parent, "KILLED" if self._document is None else "FINISHED")

    def _open(self) -> None:
        """Finds or creates experiment and parent, and learns which trials are there already."""
        if self._opened:
            return
        from mlflow import MlflowClient  # three seconds, spent in this thread while workers train

        self._client = MlflowClient(self._uri)
        experiment = self._client.get_experiment_by_name(self._study)
        self._experiment = experiment.experiment_id if experiment else self._create_experiment()
        parents = self._client.search_runs([self._experiment], f"tags.`penchant.role` = 'study' and {self._identity}")
        self._parent = parents[0].info.run_id if parents else self._create_parent()
        if parents:
            self._client.update_run(self._parent, status="RUNNING")
            self._find_written()
        self._opened = True

    def _create_experiment(self) -> str:
        is_file = not self._uri.startswith("http")
        return self._client.create_experiment(
            self._study,
            artifact_location=(self._artifacts / self._study).as_uri() if is_file else None,
            # without it the UI opens in its view for language-model applications
            tags={"mlflow.experimentKind": "custom_model_development"},
        )

    def _create_parent(self) -> str:
        from mlflow.entities import Param

        tags = {"penchant.role": "study", "penchant.study": self._description["identity"]}
        run = self._client.create_run(self._experiment, run_name=self._study, tags=tags)
        params = [Param(name, str(value)[:LONGEST_VALUE]) for name, value in self._description.items()]
        self._client.log_batch(run.info.run_id, params=params)
        return run.info.run_id

    def _find_written(self) -> None:
        """Whole child runs count as written; one that a killed driver left half-written is deleted."""
        token = None
        while True:
            wanted = f"tags.`penchant.role` = 'trial' and {self._identity}"
            page = self._client.search_runs([self._experiment], wanted, page_token=token)
            for run in page:
                if run.info.status == "RUNNING":
                    self._client.delete_run(run.info.run_id)
                else:
                    self._written.add(int(run.data.tags["penchant.trial"]))
            token = page.token
            if not token:
                return

    def _write_trial(self, trial: Trial) -> None:
        from mlflow.entities import Param

        ended = int(time.time() * 1000)
        began = ended - int(trial.seconds * 1000)
        run = self._client.create_run(
            self._experiment, start_time=began, run_name=f"{trial.number} {trial.architecture}", tags=self._tags(trial)
        )
        params = [Param(name, str(value)) for name, value in trial.candidate.choices().items()]
        metrics = _metrics(trial, ended, self._metric)
        for start in range(0, max(1, len(metrics)), 900):  # at most 1,000 a batch
            batch = metrics[start : start + 900]
            self._client.log_batch(run.info.run_id, params=params if start == 0 else [], metrics=batch)
        self._client.set_terminated(run.info.run_id, _STATUS[trial.state], ended)

    def _tags(self, trial: Trial) -> dict[str, str]:
        tags = {
            "mlflow.parentRunId": self._parent,
            "penchant.role": "trial",
            "penchant.study": self._description["identity"],
            "penchant.trial": str(trial.number),
            "phase": trial.phase,
            "slot": trial.slot,
            "family": trial.family,
            "state": trial.state.value,
            "seed": str(trial.seed),
            "fingerprint": trial.architecture.fingerprint,
            "node": trial.outcomes[-1].node if trial.outcomes else "",
        }
        if trial.failed:
            failure = trial.outcomes[-1]
            tags |= {"failure": failure.status.value, "reason": failure.reason[-LONGEST_VALUE:]}
        return tags

    def _write_verdict(self, document: VerdictDocument) -> None:
        self._client.log_dict(self._parent, document.to_json(), "verdict.json")
        self._client.set_tag(self._parent, "mlflow.note.content", document.sentence)
        self._client.set_tag(self._parent, "winner", document.winner or "none")
        self._client.set_tag(self._parent, "winner_set", json.dumps(document.winner_set))
        for family in document.families:
            self._client.log_metric(self._parent, f"expected_best.{family.family}", family.expected_best)
        if document.champion is not None and document.champion.sealed_test is not None:
            self._client.log_metric(self._parent, "champion.sealed_test", document.champion.sealed_test.mean)


def _metrics(trial: Trial, timestamp: int, metric: Metric) -> list[Any]:
    from mlflow.entities import Metric as Entry

    entries = [
        Entry(name, value, timestamp, point.step)
        for point in trial.curve
        for name, value in {"train_loss": point.train_loss, **_told("search", point.search_score, metric)}.items()
    ]
    final = {"seconds": trial.seconds, "parameters": float(trial.parameter_count)}
    final |= _told("confirm", trial.confirm_score, metric) | _told("test", trial.test_score, metric)
    return entries + [Entry(name, value, timestamp, trial.reached) for name, value in final.items()]


def _told(part: str, score: float | None, metric: Metric) -> dict[str, float]:
    """A score on a part of the rows, and its value such as `search_rmse`; an accuracy is its own score."""
    if score is None:
        return {}
    told = {f"{part}_score": score}
    return told if metric.name == "accuracy" else {**told, f"{part}_{metric.name}": metric.value(score)}


def experiment_page(uri: str, study: str) -> str:
    """Where, below MLflow's address, its UI shows the runs of a study; its front page where it does not answer.

    The UI goes by the parameter: without it, it opens in its view for language-model applications in spite of the tag.
    """
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    try:
        experiment = MlflowClient(uri).get_experiment_by_name(study)
    except MlflowException:
        experiment = None
    return f"/#/experiments/{experiment.experiment_id}?workflowType=machine_learning" if experiment else "/"


def check_tracking_uri(uri: str) -> None:
    """Makes sure, before a study is created, that its record can be written.

    Raises:
        InvalidInput: it is no tracking URI, or no MLflow server answers there.
    """
    if uri.startswith(("sqlite:", "postgresql", "mysql")):
        return
    if not uri.startswith(("http://", "https://")):
        raise InvalidInput(f"tracking URI {uri!r}: expected http://host:port of an MLflow server, or sqlite:///file")
    try:
        with urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=10):
            pass
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise InvalidInput(f"tracking URI {uri}: expected an MLflow server there, found none ({reason})") from error
