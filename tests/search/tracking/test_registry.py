import subprocess
import sys

import numpy as np
import pytest
import torch
from mlflow import MlflowClient

from search import Study
from search.export.found import of_study
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
    experiment = client.get_experiment_by_name("mine")
    (model,) = client.search_logged_models([experiment.experiment_id])
    assert model.status.name == "READY"
    parent = client.get_run(version.run_id)
    assert parent.data.tags["penchant.role"] == "study"
    assert [output.model_id for output in parent.outputs.model_outputs] == [model.model_id]


def test_what_was_killed_while_it_registered_goes_on(record):
    """A half-uploaded model is deleted; of a whole one only the entry is made; nothing is there twice."""
    study, _, client = record
    client.delete_registered_model("mine")
    experiment = client.get_experiment_by_name("mine").experiment_id
    (whole,) = client.search_logged_models([experiment])
    half = client.create_logged_model(experiment, "champion", whole.source_run_id)
    study.run(InlineEngine())
    (version,) = client.search_model_versions("name = 'mine'")
    assert version.source == whole.artifact_location
    assert [model.model_id for model in client.search_logged_models([experiment])] == [whole.model_id]
    assert half.model_id != whole.model_id


def test_a_champion_that_cannot_leave_costs_nothing_else(record, caplog, monkeypatch):
    """The record is whole and ended; one line says why the registry lacks it and how to try again."""
    study, _, client = record
    client.delete_registered_model("mine")
    monkeypatch.setattr("search.tracking.registry.Registry._uploaded", lambda self: None)
    monkeypatch.setattr("search.study.Study._exportable_champion", broken)
    study.run(InlineEngine())
    assert "the champion is not registered (no such operator); to try again: penchant resume mine" in caplog.text
    experiment = client.get_experiment_by_name("mine").experiment_id
    (parent,) = client.search_runs([experiment], "tags.`penchant.role` = 'study'")
    assert parent.info.status == "FINISHED"


def broken(study):
    raise RuntimeError("no such operator\nmore of it")
