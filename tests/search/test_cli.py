"""The command line in this process; with real workers in tests/end_to_end."""

import json
from pathlib import Path

import numpy as np
import pytest

from search import Study
from search.samplers import SAMPLERS
from spaces import LANDMARKS
from spaces.built_in import BUILT_IN
from spaces.operations import OPERATIONS
from spaces.space_file import load_space
from workers.datasets import DATASETS
from workers.inline_engine import InlineEngine


@pytest.fixture
def finished(blobs_file) -> Study:
    study = Study.create(str(blobs_file), trials=12, epochs=1)
    study.run(InlineEngine(), [])
    return study


def arrays(**changes):
    rng = np.random.default_rng(0)
    whole = {"x_train": rng.normal(size=(60, 4)).astype(np.float32), "y_train": np.arange(60) % 3}
    return {**whole, **changes}


def text_file(path):
    path.write_text("these are no arrays\n" * 100)


def with_nan(path):
    x = arrays()["x_train"]
    x[7, 2] = np.nan
    np.savez(path, **arrays(x_train=x))


def of_different_length(path):
    np.savez(path, **arrays(y_train=np.arange(59) % 3))


@pytest.mark.parametrize(
    ("make", "options", "told"),
    [
        (None, ["nosuch"], "nosuch"),
        (None, ["nosuch.npz"], "nosuch.npz"),
        (text_file, [], "mine.npz"),
        (with_nan, [], "x_train"),
        (of_different_length, [], "59"),
        (None, ["digits", "--trials", "0"], "--trials"),
        (None, ["digits", "--trials", "many"], "--trials"),
        (None, ["digits", "--budget", "5"], "budget"),
        (None, ["digits", "--budget", "5m", "--trials", "3"], "budget"),
        (None, ["digits", "--strategy", "luck"], "luck"),
        (None, ["digits", "--space", "all"], "all"),
        (None, ["digits", "--objective", "score,speed"], "speed"),
        (None, ["digits", "--seed", "-1"], "--seed"),
        (None, ["digits", "--nonsense"], "--nonsense"),
        (None, ["digits", "--storage", "nonsense"], "nonsense"),
        (None, [], "DATA"),
    ],
)
def test_wrong_input_is_one_line_and_code_two(penchant, tmp_path, home, make, options, told):
    """The line says what was found and expected; nothing is left half-created."""
    if make is not None:
        path = tmp_path / "mine.npz"
        make(path)
        options = [str(path)]
    code, output, error = penchant("run", *options)
    assert code == 2
    assert output == ""
    assert error.count("\n") == 1
    assert error.startswith("penchant: ")
    assert told in error
    assert not home.exists()


@pytest.mark.parametrize("command", ["resume", "show", "verdict"])
def test_an_unknown_study_is_one_line_and_code_two(penchant, command: str):
    """The name is told, and what there is."""
    code, output, error = penchant(command, "nosuch")
    assert (code, output, error.count("\n")) == (2, "", 1)
    assert "unknown study 'nosuch'" in error


def test_a_verdict_is_printed_in_eighty_columns(penchant, finished, monkeypatch):
    """Sentence, a row a family with its interval, champion and budget, nothing cut off."""
    monkeypatch.setenv("COLUMNS", "80")
    code, output, _ = penchant("verdict", finished.name)
    document = finished.verdict()
    assert code == 0
    assert " ".join(document.sentence.split()) in " ".join(output.split())
    for family in document.families:
        assert family.family in output
    assert "Champion" in output
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= 80


def test_json_is_the_document(penchant, finished):
    """`verdict --json` prints the recorded verdict and nothing else."""
    code, output, error = penchant("verdict", finished.name, "--json")
    assert (code, error) == (0, "")
    assert json.loads(output) == finished.verdict().to_json()


def test_a_verdict_is_judged_again_on_request(penchant, finished):
    """With the same settings it is the same, byte for byte; with others it says so."""
    recorded = penchant("verdict", finished.name, "--json")
    assert penchant("verdict", finished.name, "--json", "--recompute") == recorded
    assert penchant("verdict", finished.name, "--json", "--metric", "accuracy", "--epsilon", ".01") == recorded
    code, output, _ = penchant("verdict", finished.name, "--m", "1")
    assert (code, "best of 1" in output) == (0, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--metric", "log_loss"], "no predictions"), (["--epsilon", "2"], "epsilon"), (["--m", "0"], "--m")],
)
def test_what_a_record_cannot_tell_is_refused(penchant, finished, options, told: str):
    """Another metric, or a setting that is none."""
    code, output, error = penchant("verdict", finished.name, *options)
    assert (code, output) == (2, "")
    assert told in error


def test_resuming_a_finished_study_prints_its_verdict(penchant, finished):
    """Nothing is trained again; state and trials by phase come with the document."""
    code, output, _ = penchant("resume", finished.name, "--json")
    document = json.loads(output)
    assert code == 0
    assert document["state"] == "finished"
    assert document["trials"] == finished.trials_by_phase()


def test_studies_are_listed_and_shown(penchant, finished):
    """`list` names every study with its state; `show` counts trials by phase."""
    code, output, _ = penchant("list", "--json")
    assert code == 0
    (row,) = json.loads(output)
    assert (row["name"], row["state"]) == (finished.name, "finished")
    assert finished.name in penchant("list")[1]
    assert json.loads(penchant("show", finished.name, "--json")[1])["trials"] == finished.trials_by_phase()
    shown = penchant("show", finished.name)[1]
    assert "census" in shown
    assert "search accuracy" in shown


def test_the_front_of_several_objectives_is_shown(penchant, blobs_file):
    """As a table and in the JSON document; latencies were measured."""
    study = Study.create(str(blobs_file), trials=12, epochs=1, objective="score,latency")
    study.run(InlineEngine(), [])
    front = json.loads(penchant("show", study.name, "--json")[1])["front"]
    assert front == json.loads(study.front().to_json(orient="records"))
    assert front[0]["value"] == max(row["value"] for row in front)
    assert all(row["latency"] > 0 for row in front)
    shown = penchant("show", study.name)[1]
    assert "best in score, latency" in shown
    assert shown.count(" ms") == len(front)


def test_an_empty_list_says_how_to_begin(penchant):
    """A new user is told the first command."""
    assert "penchant run digits" in penchant("list")[1]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("operations", OPERATIONS),
        ("datasets", DATASETS),
        ("landmarks", LANDMARKS),
        ("spaces", BUILT_IN),
        ("strategies", SAMPLERS),
    ],
)
def test_what_there_is_is_listed(penchant, monkeypatch, command, names):
    """Everything registered, by name, as text of 80 columns with a sentence each, and as JSON."""
    monkeypatch.setenv("COLUMNS", "80")
    assert {row["name"] for row in json.loads(penchant(command, "--json")[1])} == set(names)
    code, text, error = penchant(command)
    assert (code, error) == (0, "")
    assert all(name in text for name in names)
    assert text.count(".") + text.count(")") >= len(list(names))
    assert max(map(len, text.splitlines())) <= 80


def test_a_space_is_shown_slot_by_slot(penchant, tmp_path):
    """What a user's file allows, and how many architectures that makes."""
    path = tmp_path / "mine.yaml"
    path.write_text("{extends: tiny, operations: [lstm], options: {lstm.bidirectional: [true]}}")
    code, text, error = penchant("spaces", str(path))
    assert (code, error) == (0, "")
    assert "lstm.bidirectional: True" in text
    document = json.loads(penchant("spaces", str(path), "--json")[1])
    assert document["operations"] == ["lstm"]
    assert document["architectures"] == load_space(str(path)).count()


def test_an_architecture_is_drawn(penchant, tmp_path):
    """A landmark by name or a file of choices: boxes on the terminal, a picture where one is asked for."""
    code, text, error = penchant("show", "resnet", "--svg", str(tmp_path / "resnet.svg"))
    assert (code, error) == (0, "")
    assert "convolution" in text
    assert (tmp_path / "resnet.svg").read_text().startswith("<svg")
    document = json.loads(penchant("show", "resnet", "--data", "digits", "--json")[1])
    assert document["families"] == ["convolution"]
    assert document["cost"]["parameters"] > 1000
    (tmp_path / "mine.json").write_text(json.dumps(document["architecture"]))
    assert (
        json.loads(penchant("show", str(tmp_path / "mine.json"), "--json")[1])["fingerprint"] == document["fingerprint"]
    )


def test_an_architecture_is_sized_for_the_task_that_is_given(penchant, blobs_file):
    """To predict a number takes fewer parameters than to tell classes apart."""
    arguments = ("show", "deep_fnn", "--data", str(blobs_file), "--json")
    classes, number = (json.loads(penchant(*arguments, *task)[1]) for task in ((), ("--task", "regression")))
    assert 0 < number["cost"]["parameters"] < classes["cost"]["parameters"]


def test_a_study_comes_before_a_landmark_of_its_name(penchant, blobs_file):
    """`show lstm` is the study called lstm, once there is one."""
    assert "lstm" in penchant("show", "lstm")[1]
    Study.create(str(blobs_file), trials=12, epochs=1, name="lstm")
    assert "created after 0 s" in penchant("show", "lstm")[1]


def test_an_architecture_is_evaluated(penchant, blobs_file):
    """Scores on rows it was not trained on, beside a baseline."""
    arguments = ["evaluate", str(blobs_file), "--architecture", "deep_fnn", "--steps", "40", "--seeds", "2"]
    code, output, _ = penchant(*arguments, "--json")
    document = json.loads(output)
    assert code == 0
    assert len(document["scores"]) == len(document["baseline_scores"]) == 2
    assert document["mean"] > 0.8
    code, text, _ = penchant(*arguments)
    assert code == 0
    assert "logistic regression" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["evaluate", "digits"], "--architecture"),
        (["evaluate", "digits", "--architecture", "resnett"], "did you mean 'resnet'?"),
        (["evaluate", "digits", "--architecture", "nosuch.json"], "nosuch.json"),
        (["evaluate", "nosuch", "--architecture", "resnet"], "nosuch"),
        (["show", "nosuch.json"], "nosuch.json"),
        (["show", "resnet", "--svg", "/nosuch/folder/a.svg"], "/nosuch/folder/a.svg"),
        (["spaces", "every"], "every"),
        (["spaces", "nosuch.yaml"], "nosuch.yaml"),
        (["operations", "--operations", "nosuch.py"], "nosuch.py"),
        (["run", "nosuch.yaml"], "nosuch.yaml"),
        (["run", "digits", "--modality", "sound"], "sound"),
        (["run", "digits", "--modality", "tabular"], "tabular"),
        (["run", "digits", "--task", "ranking"], "expected one of classification, regression, next_token"),
        (["run", "digits", "--task", "regression"], "found task 'regression' for digits: expected 'classification'"),
        (["run", "digits", "--metric", "r2"], "metric: found 'r2', expected one of accuracy"),
        (["evaluate", "copy", "--architecture", "lstm", "--metric", "rmse"], "expected one of perplexity, accuracy"),
    ],
)
def test_other_wrong_input_is_one_line_and_code_two(penchant, arguments, told):
    """The line says what was found; nothing is printed beside it."""
    code, output, error = penchant(*arguments)
    assert (code, output, error.count("\n")) == (2, "", 1)
    assert told in error


@pytest.mark.parametrize(
    "command", [[], ["run"], ["resume"], ["show"], ["list"], ["verdict"], ["operations"], ["evaluate"], ["spaces"]]
)
def test_help_teaches(penchant, command):
    """Every command explains itself."""
    code, output, _ = penchant(*command, "--help")
    assert code == 0
    assert "Usage: penchant" in output


def test_without_a_command_the_help_is_shown(penchant):
    """`penchant` alone teaches, it does not scold."""
    code, output, _ = penchant()
    assert code == 0
    assert "penchant run digits" in output


FAILING = '''from torch import nn
from spaces.operations import OPERATIONS, Operation


@OPERATIONS.register("failing")
class Failing(Operation):
    """Fails."""

    family = "failing"
    ranks = (1,)

    def build(self, grid, picks):
        raise ValueError("boom in build")
'''


@pytest.fixture
def failing_file(tmp_path):
    path = tmp_path / "failing.py"
    path.write_text(FAILING)
    return str(path)


def test_a_study_of_an_operation_that_fails_says_so(penchant, failing_file, blobs_file):
    """`show` tells the reason, the table that nothing of the family trained, within 80 columns."""
    space = {"operations": ["failing", "dense"]}
    study = Study.create(str(blobs_file), space=space, operations=[failing_file], trials=12, epochs=1)
    study.run(InlineEngine(), [])
    shown = penchant("show", study.name)[1]
    assert " failed (failing" in shown
    assert "ValueError: boom in build" in shown
    table = penchant("verdict", study.name)[1]
    assert "all failed" in table
    assert max(map(len, table.splitlines())) <= 80


def test_a_network_that_fails_is_no_success(penchant, failing_file, blobs_file, tmp_path):
    """`evaluate` ends with 1 and says why, `show` for some data with 2; neither with a traceback."""
    document = json.loads(penchant("show", "resnet", "--json")[1])["architecture"]
    document |= {"stage1.operation": "failing", "stage2.operation": "failing"}
    (tmp_path / "network.json").write_text(json.dumps(document))
    own = (str(tmp_path / "network.json"), "--operations", failing_file)
    code, _, error = penchant("evaluate", str(blobs_file), "--seeds", "1", "--steps", "2", "--architecture", *own)
    assert code == 1
    assert error.splitlines()[-1].endswith("ValueError: boom in build")
    code, output, error = penchant("show", *own, "--data", str(blobs_file))
    assert (code, output, error.count("\n")) == (2, "", 1)
    assert "boom in build" in error


def test_the_champion_is_drawn(penchant, finished, tmp_path):
    """`show NAME --svg FILE` of a study."""
    assert penchant("show", finished.name, "--svg", str(tmp_path / "champion.svg"))[0] == 0
    assert (tmp_path / "champion.svg").read_text().startswith("<svg")


def test_a_name_that_is_almost_a_landmark_is_told(penchant):
    """`show resnt` names what was probably meant."""
    assert "did you mean the landmark 'resnet'?" in penchant("show", "resnt")[2]


def test_the_first_screen_keeps_its_lines(penchant):
    """Examples stand one a line."""
    output = penchant("--help")[1]
    assert "\n  penchant run digits                 five minutes, then a verdict\n" in output
    assert max(map(len, output.splitlines())) <= 110


def test_report_writes_one_page(penchant, finished, tmp_path, monkeypatch):
    """Beside the caller or where it is told to, the same bytes each time; its path is printed."""
    monkeypatch.chdir(tmp_path)
    code, out, _ = penchant("report", finished.name)
    assert (code, out.strip()) == (0, f"{finished.name}.html")
    page = Path(out.strip()).read_bytes()
    assert page.startswith(b"<!DOCTYPE html>")
    penchant("report", finished.name, "--output", "other.html")
    assert Path("other.html").read_bytes() == page


def test_a_report_that_cannot_be_is_refused_in_one_line(penchant, finished, blobs_file):
    """Of a study without a verdict, and into a folder that is not there."""
    code, _, err = penchant("report", finished.name, "--output", "nowhere/report.html")
    assert code == 2
    assert err.count("\n") == 1
    assert "nowhere/report.html" in err
    waiting = Study.create(str(blobs_file), trials=12, epochs=1)
    code, _, err = penchant("report", waiting.name)
    assert code == 2
    assert err.count("\n") == 1
    assert f"penchant resume {waiting.name}" in err
