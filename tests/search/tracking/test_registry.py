import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mlflow import MlflowClient

from search import Study
from search.export.found import of_study
from search.tracking.model import load_model
from workers.inline_engine import InlineEngine

ALONE = """
import sys
sys.modules.update(spaces=None, workers=None, search=None, ray=None, optuna=None)
import mlflow, numpy, torch
uri, folder = sys.argv[1:]
mlflow.set_tracking_uri(uri)
x = numpy.load(f"{folder}/rows.npy")
module = mlflow.pytorch.load_model("models:/mine@champion")
served = mlflow.pyfunc.load_model("models:/mine@champion")
numpy.save(f"{folder}/found.npy", numpy.stack([module(torch.from_numpy(x)).detach(), served.predict(x)]))
"""


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """A finished study that recorded in MLflow, and its tracking URI."""
    folder = tmp_path_factory.mktemp("registry")
    rng, y = np.random.default_rng(0), np.repeat([0, 1], 60)
    x = rng.normal(size=(120, 1, 4, 4)) + 2.0 * y[:, None, None, None]
    np.savez(folder / "blobs.npz", x_train=x.astype(np.float32), y_train=y)
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_HOME", str(folder / "home"))
        study = Study.create(str(folder / "blobs.npz"), trials=8, epochs=1, name="mine", tracking_uri=uri)
        study.run(InlineEngine())
        yield study, uri, MlflowClient(uri)


def test_the_champion_loads_where_nothing_of_ours_is(record, tmp_path):
    """By its alias, as a module and as pyfunc, with the outputs of the study's own champion."""
    study, uri, _ = record
    exportable = of_study(study)
    (x,) = exportable.rows(5)
    np.save(tmp_path / "rows.npy", x.numpy())
    done = subprocess.run(
        [sys.executable, "-c", ALONE, uri, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, timeout=240
    )
    assert done.returncode == 0, done.stderr
    with torch.no_grad():
        expected = exportable.predictor()(x).numpy()
    for found in np.load(tmp_path / "found.npy"):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_the_champion_is_registered_once(record):
    """One version with signature and description, from the study's run; resuming the finished study adds none."""
    study, _, client = record
    study.run(InlineEngine())
    (version,) = client.search_model_versions("name = 'mine'")
    assert client.get_model_version_by_alias("mine", "champion").version == version.version
    assert version.description == study.verdict().sentence
    (model,) = [model for model in models(client) if model.name == "champion"]
    assert model.status.name == "READY"
    parent = client.get_run(version.run_id)
    assert parent.data.tags["penchant.role"] == "study"
    assert [output.model_id for output in parent.outputs.model_outputs] == [model.model_id]


def models(client: MlflowClient) -> list:
    """All that the study logged."""
    return list(client.search_logged_models([client.get_experiment_by_name("mine").experiment_id]))


def test_every_finalist_is_a_model_of_the_run_that_trained_it(record):
    """With signature and input example, once each; it predicts as the weights that the study kept."""
    study, _, client = record
    finalists = study._finalists()
    assert len(finalists) > 1
    logged = {model.name: model for model in models(client)}
    assert sorted(logged) == sorted(finalists)
    assert len(models(client)) == len(finalists)
    for name, trial in finalists.items():
        if name == "champion":
            continue  # it comes from the study's own run
        run = client.get_run(logged[name].source_run_id)
        assert (run.data.tags["penchant.trial"], run.data.tags["phase"]) == (str(trial.number), "confirmation")
        assert [output.model_id for output in run.outputs.model_outputs] == [logged[name].model_id]
    name = next(name for name in finalists if name != "champion")
    folder = Path(logged[name].artifact_location.removeprefix("file://"))
    assert {"MLmodel", "input_example.json"} <= {file.name for file in folder.iterdir()}
    exportable = of_study(study, finalists[name].number)
    (x,) = exportable.rows(5)
    with torch.no_grad():
        expected, found = exportable.predictor()(x), load_model(folder)(x)
    np.testing.assert_allclose(found.detach(), expected, rtol=0, atol=1e-6)


def test_what_was_killed_while_it_registered_goes_on(record):
    """A half-uploaded model is deleted; of a whole one only the entry is made; nothing is there twice."""
    study, _, client = record
    client.delete_registered_model("mine")
    before = {model.model_id: model for model in models(client)}
    for whole in before.values():
        half = client.create_logged_model(whole.experiment_id, whole.name, whole.source_run_id)
        assert half.model_id not in before
    study.run(InlineEngine())
    (version,) = client.search_model_versions("name = 'mine'")
    assert version.source in [model.artifact_location for model in before.values() if model.name == "champion"]
    assert {model.model_id for model in models(client)} == before.keys()


def test_a_champion_that_cannot_leave_costs_nothing_else(record, caplog, monkeypatch):
    """The record is whole and ended; one line says why the registry lacks it and how to try again."""
    study, _, client = record
    client.delete_registered_model("mine")
    monkeypatch.setattr("search.tracking.logged_models.LoggedModels.of", lambda self, run: None)
    monkeypatch.setattr("search.export.found.of_study", broken)
    study.run(InlineEngine())
    assert "the champion is not registered (no such operator); to try again: penchant resume mine" in caplog.text
    assert "is not among the models (no such operator); to try again: penchant resume mine" in caplog.text
    experiment = client.get_experiment_by_name("mine").experiment_id
    (parent,) = client.search_runs([experiment], "tags.`penchant.role` = 'study'")
    assert parent.info.status == "FINISHED"


def broken(study, number=None):
    raise RuntimeError("no such operator\nmore of it")
