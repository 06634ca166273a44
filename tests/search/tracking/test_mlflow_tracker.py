import json
import logging
import time
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from search import Study
from search.storage.studies import StudyState
from search.tracking.mlflow_tracker import MlflowTracker, TrackedStudy
from search.tracking.view import VIEW_TAG
from search.trial import TrialState
from spaces.shapes import Task
from tests.search.made import made_trial
from tests.search.tracking.test_study_run import DOCUMENT
from tests.search.verdict.censuses import ACCURACY, RMSE
from workers.inline_engine import InlineEngine
from workers.metric import Metric
from workers.outcome import CurvePoint, Status


@pytest.fixture(scope="module")
def uri(tmp_path_factory) -> str:
    """One store for all tests here: MLflow takes seconds to create its tables."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


def tracker(
    uri: str, tmp_path, study: str, identity: str = "mine", metric: Metric = ACCURACY, task: Task | None = None
) -> MlflowTracker:
    told = TrackedStudy(study, {"identity": identity}, metric, task, f"penchant resume {study}")
    return MlflowTracker(uri, tmp_path / "artifacts", told)


def runs(uri: str, study: str):
    """The parent run and its children by trial number."""
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(study)
    found = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in found if run.data.tags["penchant.role"] == "study"]
    children = [run for run in found if run.data.tags["penchant.role"] == "trial"]
    assert all(child.data.tags["mlflow.parentRunId"] == parent.info.run_id for child in children)
    by_number = {int(child.data.tags["penchant.trial"]): child for child in children}
    assert len(by_number) == len(children), "a trial was written twice"
    return client, experiment, parent, by_number


def text_of(client: MlflowClient, run, artifact: str) -> str:
    return Path(client.download_artifacts(run.info.run_id, artifact)).read_text(encoding="utf-8")


def test_a_study_is_a_parent_with_its_trials_as_children(uri, blobs_file, tmp_path):
    """Choices are params, curves metrics, families and phases tags; verdict and report lie with the parent."""
    study = Study.create(str(blobs_file), trials=12, epochs=2, tracking_uri=uri, name="whole")
    document = study.run(InlineEngine(), [tracker(uri, tmp_path, "whole", task=study.space.task)])
    client, experiment, parent, children = runs(uri, "whole")
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"
    assert parent.info.status == "FINISHED"
    assert text_of(client, parent, "report.html") == study.report()
    assert parent.info.run_name == "whole"
    assert document.sentence in parent.data.tags["mlflow.note.content"]
    assert experiment.tags["mlflow.note.content"] == parent.data.tags["mlflow.note.content"]
    assert json.loads(experiment.tags[VIEW_TAG])["selectedColumns"][0] == "tags.`phase`"
    assert sorted(children) == list(range(12))
    frame = study.trials().set_index("number")
    for number, child in children.items():
        assert child.data.tags["phase"] == frame.loc[number, "phase"]
        assert child.data.tags["families"] == frame.loc[number, "family"]
        assert child.data.params["stages"] == str(frame.loc[number, "stages"])
        assert float(child.data.params["recipe.learning_rate"]) == frame.loc[number, "recipe.learning_rate"]
        points = client.get_metric_history(child.info.run_id, "search_score")
        assert points[-1].value == frame.loc[number, "search_score"]
        assert points[-1].step == frame.loc[number, "steps"]
        assert child.data.metrics["flops"] > 0
    longest = max(children.values(), key=lambda child: len(client.get_metric_history(child.info.run_id, "train_loss")))
    assert len(client.get_metric_history(longest.info.run_id, "train_loss")) >= 2
    verdict = client.download_artifacts(parent.info.run_id, "verdict.json", str(tmp_path))
    with open(verdict) as file:
        assert json.load(file) == document.to_json()


@pytest.mark.parametrize(
    ("metric", "values"),
    [(RMSE, {"search_rmse": 1.0, "confirm_rmse": 1.5, "test_rmse": 2.0}), (ACCURACY, {})],
    ids=["rmse", "accuracy"],
)
def test_scores_are_written_in_the_metrics_unit_too(uri, tmp_path, metric, values):
    """Beside each score its value, also along the curve; an accuracy is its own score."""
    trial = made_trial(0, scores={90: 0.8}, confirm=0.7, test=0.6)
    curve = (CurvePoint(45, 0.9, 0.5), CurvePoint(90, 0.5, 0.8))
    trial.outcomes[-1] = replace(trial.outcomes[-1], curve=curve)
    writer = tracker(uri, tmp_path, f"unit-{metric.name}", metric=metric)
    writer.study_starts([trial])
    writer.close()
    client, _, _, children = runs(uri, f"unit-{metric.name}")
    scores = {"search_score": 0.8, "confirm_score": 0.7, "test_score": 0.6}
    others = {"train_loss": 0.5, "seconds": 1.0, "parameters": 100.0, "steps": 90.0, "rung": 1.0}
    others["rows_seen"] = 90.0 * trial.candidate.recipe.batch_size
    assert children[0].data.metrics == pytest.approx({**scores, **values, **others})
    told = client.get_metric_history(children[0].info.run_id, "search_rmse")
    assert [(point.step, point.value) for point in told] == ([(45, 2.5), (90, pytest.approx(1.0))] if values else [])


def test_each_state_has_its_status(uri, tmp_path):
    """Pruned trials are KILLED, failed ones FAILED with the reason as a tag."""
    trials = [
        made_trial(0, scores={90: 0.5}),
        made_trial(1, scores={10: 0.5}, state=TrialState.PRUNED),
        made_trial(2, failure=Status.DIVERGED),
    ]
    writer = tracker(uri, tmp_path, "states")
    writer.study_starts([])
    for trial in trials:
        writer.trial_ends(trial)
    writer.close()
    _, _, parent, children = runs(uri, "states")
    assert [children[n].info.status for n in range(3)] == ["FINISHED", "KILLED", "FAILED"]
    assert children[2].data.tags["failure"] == "diverged"
    assert children[2].data.tags["reason"] == "because"
    assert parent.info.status == "KILLED"  # no verdict was reached


def test_what_is_written_late_tells_when_it_was(uri, tmp_path):
    """A trial that ended yesterday stands there as ended yesterday, its curve spread over its training."""
    yesterday = time.time() - 86400
    trial = made_trial(0, scores={90: 0.5}, seconds=8.0, ended_at=yesterday)
    trial.outcomes[-1] = replace(trial.outcomes[-1], curve=(CurvePoint(45, 0.9, 0.4), CurvePoint(90, 0.5, 0.5)))
    writer = tracker(uri, tmp_path, "late")
    writer.study_starts([trial])
    writer.close()
    client, _, _, children = runs(uri, "late")
    assert children[0].info.end_time == int(yesterday * 1000)
    assert children[0].info.start_time == pytest.approx(yesterday * 1000 - 8000, abs=2)
    half, full = client.get_metric_history(children[0].info.run_id, "train_loss")
    assert full.timestamp == children[0].info.end_time
    assert half.timestamp == pytest.approx(full.timestamp - 4000, abs=2)


def test_what_a_killed_driver_left_out_is_written_once(uri, tmp_path):
    """A resumed study writes the missing children and those left half-written, and no other; a second one goes."""
    ended = [made_trial(n, scores={90: 0.5}) for n in range(3)]
    first = tracker(uri, tmp_path, "killed")
    first.study_starts([])
    first.trial_ends(ended[0])
    first.close()
    client, experiment, parent, _ = runs(uri, "killed")
    half = {"mlflow.parentRunId": parent.info.run_id, "penchant.role": "trial", "penchant.trial": "1"}
    half["penchant.study"] = "mine"
    client.create_run(experiment.experiment_id, tags=half)
    twice = half | {"penchant.trial": "0"}  # an answer was lost, and the request was repeated
    client.set_terminated(client.create_run(experiment.experiment_id, tags=twice).info.run_id)
    second = tracker(uri, tmp_path, "killed")
    second.study_starts([*ended, made_trial(3)])
    second.close()
    children = runs(uri, "killed")[3]
    assert sorted(children) == [0, 1, 2]
    assert all(child.info.status == "FINISHED" for child in children.values())
    assert children[1].data.params


def test_studies_of_one_name_do_not_mix(uri, tmp_path):
    """Two databases may each have a study of this name on one MLflow server: each has its own parent and children."""
    for identity in ("mine", "yours"):
        writer = tracker(uri, tmp_path, "shared", identity)
        writer.study_starts([made_trial(n, scores={90: 0.5}) for n in range(2)])
        writer.close()
    client = MlflowClient(uri)
    found = client.search_runs([client.get_experiment_by_name("shared").experiment_id])
    parents = {r.info.run_id: r.data.tags["penchant.study"] for r in found if r.data.tags["penchant.role"] == "study"}
    assert sorted(parents.values()) == ["mine", "yours"]
    children = [run.data.tags for run in found if run.data.tags["penchant.role"] == "trial"]
    assert len(children) == 4
    assert all(parents[tags["mlflow.parentRunId"]] == tags["penchant.study"] for tags in children)


class Flaky:
    """An MLflow client that fails once in the middle of writing a trial."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client
        self._failures = 1

    def __getattr__(self, name: str):
        return getattr(self._client, name)

    def set_terminated(self, *arguments):
        if self._failures:
            self._failures -= 1
            raise ConnectionError("a blip")
        self._client.set_terminated(*arguments)


def test_a_blip_doubles_nothing(uri, tmp_path, monkeypatch):
    """A trial whose writing broke off is written anew, and stands there once."""
    flaky = Flaky(MlflowClient(uri))
    monkeypatch.setattr("mlflow.MlflowClient", lambda uri: flaky)
    writer = tracker(uri, tmp_path, "blip")
    writer.study_starts([made_trial(n, scores={90: 0.5}) for n in range(3)])
    writer.close()
    monkeypatch.undo()
    assert sorted(runs(uri, "blip")[3]) == [0, 1, 2]


def test_a_report_that_cannot_be_made_costs_nothing_else(uri, tmp_path, caplog):
    """Trials, verdict and the end are there; one line says what is not, and how to try again."""

    def report() -> str:
        raise RuntimeError("no such chart\nmore of it")

    writer = tracker(uri, tmp_path, "pageless")
    writer.study_starts([made_trial(0, scores={90: 0.5})])
    writer.study_ends(DOCUMENT, report)
    writer.close()
    client, _, parent, children = runs(uri, "pageless")
    assert (parent.info.status, sorted(children)) == ("FINISHED", [0])
    assert json.loads(text_of(client, parent, "verdict.json")) == DOCUMENT.to_json()
    assert [record.getMessage() for record in caplog.records] == [
        "MLflow: the report is not there (no such chart); to try again: penchant resume pageless"
    ]


def test_an_end_that_cannot_be_written_makes_no_trial_missing(uri, tmp_path, caplog, monkeypatch):
    """What stands there is not counted as missing because MLflow went away after it."""
    monkeypatch.setattr(MlflowTracker, "_write_verdict", lambda self, document: 1 / 0)
    writer = tracker(uri, tmp_path, "endless")
    writer.study_starts([made_trial(0, scores={90: 0.5})])
    writer.study_ends(DOCUMENT, lambda: "")
    writer.close()
    assert "the end of the study is not in MLflow" in caplog.text
    assert "trials are not" not in caplog.text


def test_the_studys_page_shows_what_the_machine_did(uri, tmp_path, monkeypatch):
    """CPU, memory, disk and network, by MLflow's names, over the seconds of the study."""
    monkeypatch.setattr("search.tracking.system_metrics.EVERY_SECONDS", 0.0)
    writer = tracker(uri, tmp_path, "busy")
    writer.study_starts([])
    for number in range(2):
        writer.trial_ends(made_trial(number, scores={90: 0.5}))
    writer.close()
    client, _, parent, _ = runs(uri, "busy")
    system = {name.removeprefix("system/") for name in parent.data.metrics if name.startswith("system/")}
    assert {"cpu_utilization_percentage", "system_memory_usage_megabytes", "network_receive_megabytes"} <= system
    points = client.get_metric_history(parent.info.run_id, "system/cpu_utilization_percentage")
    assert all(0 <= point.value <= 100 and 0 <= point.step < 60 for point in points)
    assert abs(points[-1].timestamp / 1000 - time.time()) < 60


def test_a_study_without_mlflow_ends_all_the_same(blobs_file, tmp_path, caplog):
    """With the server gone the study finishes, says what is missing, and loses nothing."""
    study = Study.create(str(blobs_file), trials=5, epochs=1, name="alone")
    gone = tracker("http://127.0.0.1:1", tmp_path, "alone")
    with caplog.at_level(logging.WARNING):
        study.run(InlineEngine(), [gone])
    assert study.state == StudyState.FINISHED
    assert (
        "5 trials are not in MLflow (http://127.0.0.1:1); to write what is missing: penchant resume alone"
        in caplog.text
    )
