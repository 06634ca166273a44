"""`penchant export`: what leaves gives what the network gives, and wrong input is one line."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import mlflow
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from mlflow.models import Model

from search import Study
from search.export.found import of_retrained
from spaces import landmark
from spaces.export.predictor import end_marked
from tests.processes import run_penchant
from workers.datasets.division import divide
from workers.datasets.standardization import Standardization
from workers.inline_engine import InlineEngine


@pytest.fixture(scope="module")
def study_home(tmp_path_factory):
    """A finished study of padded series, made once."""
    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 60)
    x = (rng.normal(size=(120, 8, 2)) + 2.0 * y[:, None, None]).astype(np.float32)
    np.savez(folder / "walks.npz", x_train=x, y_train=y, length_train=rng.integers(1, 9, 120))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_HOME", str(folder / "home"))
        space = {"operations": ["lstm", "identity"]}
        study = Study.create(str(folder / "walks.npz"), trials=12, epochs=1, space=space)
        study.run(InlineEngine(), [])
    return folder / "home"


@pytest.fixture
def study(study_home, monkeypatch):
    monkeypatch.setenv("PENCHANT_HOME", str(study_home))
    return Study.load("walks")


def rows_of(study: Study) -> tuple[np.ndarray, np.ndarray]:
    """Raw rows of the file and their lengths, fewer and shorter than those that are traced."""
    with np.load(study.specification.dataset) as arrays:
        rows = np.flatnonzero(arrays["length_train"] <= 5)[:4]
        return arrays["x_train"][rows, :5], arrays["length_train"][rows]


def expected(study: Study, x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """What the champion gives for rows standardized as its training had them."""
    data, trial = study.dataset, study.champion.trial
    division = divide(data.y, trial.division).final
    moments = Standardization.fit(data.x[division.train], data.lengths[division.train])
    with torch.no_grad():
        outputs = study.champion.module()(torch.from_numpy(moments.apply(x, lengths)), torch.from_numpy(lengths))
    return outputs.numpy()


def test_a_champion_leaves_as_onnx(study, penchant, tmp_path):
    """Onnxruntime gives for raw rows what the champion gives for standardized ones; the rest is in its metadata."""
    place = tmp_path / "champion.onnx"
    code, output, error = penchant("export", "walks", "--format", "onnx", "--output", str(place))
    assert (code, error) == (0, "")
    assert "the champion of study 'walks', trained for" in output
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    x, lengths = rows_of(study)
    (found,) = session.run(["outputs"], {"x": x, "lengths": lengths})
    np.testing.assert_allclose(found, expected(study, x, lengths), rtol=1e-4, atol=1e-4)
    facts = json.loads(onnx.load(place).metadata_props[0].value)
    assert facts["preprocessing"]["labels"] == ["0", "1"]
    assert facts["results"]["sentence"] == study.verdict().sentence


def test_a_champion_leaves_for_torch_and_for_mlflow_alone(study, penchant, tmp_path):
    """A process that knows nothing of ours loads the program and the model; of the latter NaN tells where rows end."""
    program, model = tmp_path / "champion.pt2", tmp_path / "champion"
    code, output, _ = penchant("export", "walks", "--format", "pt2", "--output", str(program), "--json")
    assert code == 0
    assert json.loads(output)["largest_difference"] <= 1e-5
    assert penchant("export", "walks", "--format", "mlflow", "--output", str(model))[0] == 0
    x, lengths = rows_of(study)
    marked = np.where(np.arange(5)[:, None] < lengths[:, None, None], x, np.nan)
    np.savez(tmp_path / "rows.npz", x=x, lengths=lengths, marked=marked)
    found = alone(
        """
        import sys, numpy, torch
        sys.modules.update(spaces=None, workers=None, search=None)
        rows = numpy.load("rows.npz")
        x, lengths, marked = (torch.from_numpy(rows[name]) for name in ("x", "lengths", "marked"))
        program = torch.export.load("champion.pt2").module()(x, lengths).detach()
        import mlflow
        model = mlflow.pytorch.load_model("champion")(marked).detach()
        numpy.save("found.npy", [program, model, mlflow.pyfunc.load_model("champion").predict(rows["marked"])])
        """,
        tmp_path,
    )
    for each in found:
        np.testing.assert_allclose(each, expected(study, x, lengths), rtol=1e-5, atol=1e-5)
    written = Model.load(str(model))
    assert written.signature.inputs.inputs[0].shape == (-1, -1, 2)
    assert written.load_input_example(str(model)).shape == (3, 7, 2)
    assert written.metadata["preprocessing"] == json.loads((model / "preprocessing.json").read_text())


def alone(script: str, folder: Path) -> np.ndarray:
    """What a bare process leaves in found.npy."""
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=folder, check=True)
    return np.load(folder / "found.npy")


def test_a_champion_is_trained_again(study, penchant):
    """Its weights are kept, and are a version of the model in MLflow, which standardizes by the rows learned from."""
    code, output, error = penchant("retrain", "walks", "--epochs", "2", "--all-data", "--json")
    assert code == 0
    assert "rows held out" not in error
    told = json.loads(output)
    assert (told["rows"], told["score"], told["model_version"]) == (120, None, "1")
    mlflow.set_tracking_uri(study.specification.tracking_uri)
    x, lengths = (torch.from_numpy(rows) for rows in rows_of(study))
    registered = mlflow.pytorch.load_model("models:/walks/1")(end_marked(x, lengths))
    predictor = of_retrained(study, study.retrained.latest("walks")).predictor()
    torch.testing.assert_close(registered, predictor(x, lengths))


def test_a_front_leaves_whole(study, penchant, tmp_path):
    """First it says how its networks get weights; then each is there, and an index tells what was measured of it."""
    place = tmp_path / "front"
    arguments = ("export", "walks", "--front", "--format", "pt2", "--output", str(place))
    code, _, error = penchant(*arguments)
    assert code == 2
    assert error.endswith("with: penchant retrain walks --front --epochs 20\n")
    assert list(tmp_path.glob("*front*")) == []
    assert penchant("retrain", "walks", "--front", "--epochs", "1")[0] == 0
    code, _, error = penchant(*arguments)
    assert (code, error) == (0, "")
    networks = json.loads((place / "front.json").read_text())["networks"]
    front = study.front()
    assert [each["trial"] for each in networks] == front["trial"].tolist()
    assert [each["value"] for each in networks] == front["value"].tolist()
    assert {each.name for each in place.iterdir()} == {each["file"] for each in networks} | {"front.json", "README.md"}
    readme = (place / "README.md").read_text()
    held_out = {each.trial: each.score for each in study.retrained.all() if each.epochs == 1}
    for each in networks:
        torch.export.load(place / each["file"])
        assert each["held_out"] == held_out[each["trial"]]
        assert f"| `{each['file']}` | {each['family']} | {each['value']:.4g} | {each['held_out']:.4g} |" in readme
    assert penchant(*arguments, "--force")[0] == 0


def test_an_ensemble_leaves_as_one(study, penchant, tmp_path):
    """Its probabilities are the mean of its members', from raw rows, as a graph and as code that runs alone."""
    retrain = ("retrain", "walks", "--ensemble", "2", "--epochs", "2", "--json")
    code, output, _ = penchant(*retrain)
    trained = json.loads(output)["retrained"]
    assert (code, len(trained)) == (0, 2)
    assert json.loads(penchant(*retrain)[1])["retrained"] == trained, "the same command trains nothing twice"
    x, lengths = rows_of(study)
    np.savez(tmp_path / "rows.npz", x=x, length=lengths)
    told = {}
    for form in ("onnx", "python"):
        arguments = ("--ensemble", "2", "--format", form, "--output", str(tmp_path / form), "--json")
        code, output, error = penchant("export", "walks", *arguments)
        assert (code, error) == (0, "")
        told[form] = json.loads(output)
    retrained = [each for each in study.retrained.all() if each.version in {again["version"] for again in trained}]
    rows = torch.from_numpy(x), torch.from_numpy(lengths)
    with torch.no_grad():
        shares = [of_retrained(study, each).predictor()(*rows).softmax(-1) for each in retrained]
    expected = torch.stack(shares).mean(0)
    session = onnxruntime.InferenceSession(tmp_path / "onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": x, "lengths": lengths})
    np.testing.assert_allclose(np.exp(found), expected, rtol=1e-4, atol=1e-4)
    assert {member["family"] for member in told["onnx"]["members"]} == {"control", "recurrence"}
    results = told["onnx"]["results"]
    assert results["members_held_out"] == {
        "_".join(study.trial(each.trial).architecture.families): each.score for each in retrained
    }
    assert results["gain"] == pytest.approx(results["held_out"] - results["members_held_out"][results["gain_over"]])
    readme = (tmp_path / "python" / "README.md").read_text()
    assert "The sealed test stays shut" in readme
    assert f"| **ensemble** | {results['held_out']:.4g} |" in readme

    padded = np.zeros((len(x), 8, 2), np.float32)
    padded[:, :5] = x
    np.savez(tmp_path / "rows.npz", x=padded, length=lengths)
    script = [sys.executable, "-I", "-c", ALONE, str(tmp_path / "rows.npz")]
    printed = subprocess.run(script, cwd=tmp_path / "python", check=True, capture_output=True, text=True).stdout
    best = expected.max(-1)
    assert printed.splitlines() == [
        f"{label}  {share:.3f}" for label, share in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]


ALONE = """
import runpy, sys
sys.modules.update(spaces=None, workers=None, search=None)
sys.path.insert(0, ".")
runpy.run_path("predict.py", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["walks", "--format", "onyx"], "unknown export format 'onyx': expected one of"),
        (["lstm", "--format", "pt2"], "no study named 'lstm': expected one of `penchant list`, or a landmark"),
        (["walks", "--format", "pt2", "--trial", "1000"], "study 'walks' has no trial 1000: expected 0 to 11"),
        (["walks", "--format", "pt2", "--data", "iris", "--trial", "0"], "found --data and --trial: expected the one"),
        (["walks", "--format", "pt2", "--front", "--retrained"], "found --retrained and --front: expected one of them"),
        (["walks", "--format", "pt2", "--ensemble", "3"], "--ensemble 3: study 'walks' trained networks of 2 families"),
        (["walks", "--format", "pt2", "--trial", "0"], "trial 0 of study 'walks' kept no weights"),
    ],
)
def test_wrong_input_is_one_line(study, penchant, tmp_path, arguments, message):
    """Found, expected and where; nothing is written."""
    code, output, error = penchant("export", *arguments, "--output", str(tmp_path / "it.pt2"))
    assert (code, output) == (2, "")
    assert error.startswith(f"penchant: {message}")
    assert error.count("\n") == 1
    assert list(tmp_path.glob("it*")) == []


def test_an_operation_that_cannot_leave_is_named(home, tmp_path):
    """A user's own one that branches on values; one line, and nothing is written."""
    (tmp_path / "mine.py").write_text(BRANCHING)
    choices = {**landmark("transformer").choices, "stage1.operation": "branching"}
    (tmp_path / "it.json").write_text(json.dumps(choices))
    arguments = ["--operations", str(tmp_path / "mine.py"), "--data", "signals", "--output", str(tmp_path / "it.pt2")]
    # a process of its own: what it registers is to leave with it
    code, _, error = run_penchant("export", str(tmp_path / "it.json"), "--format", "pt2", *arguments, home=home)
    assert code == 2
    assert error.startswith("penchant: 'branching' cannot be exported: torch.export does not follow it (")
    assert error.count("\n") == 1
    assert not (tmp_path / "it.pt2").exists()


BRANCHING = """
from torch import nn

from spaces.operations import OPERATIONS, Operation


class Branch(nn.Module):
    def forward(self, x):
        return 2 * x if x.sum() > 0 else x


@OPERATIONS.register("branching")
class Branching(Operation):
    \"\"\"Twice the input where its sum is positive.\"\"\"

    family = "control"
    ranks = (0, 1, 2)

    def build(self, grid, picks):
        return Branch()
"""
