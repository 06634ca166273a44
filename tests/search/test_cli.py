"""The command line in this process; with real workers in tests/end_to_end."""

import json
import sys

import numpy as np
import pytest

from search import Study
from search.cli import main
from spaces.operations import OPERATIONS
from workers.datasets import DATASETS
from workers.inline_engine import InlineEngine


@pytest.fixture
def penchant(capfd, monkeypatch):
    """Runs a command and returns exit code, standard output and standard error."""

    def command(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["penchant", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capfd.readouterr()

    return command


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
    assert "search score" in shown


def test_an_empty_list_says_how_to_begin(penchant):
    """A new user is told the first command."""
    assert "penchant run digits" in penchant("list")[1]


def test_operations_and_datasets_are_listed(penchant):
    """Everything registered, by name, as text and as JSON."""
    assert {row["name"] for row in json.loads(penchant("operations", "--json")[1])} == set(OPERATIONS)
    assert {row["name"] for row in json.loads(penchant("datasets", "--json")[1])} == set(DATASETS)
    text = penchant("operations")[1]
    assert all(name in text for name in OPERATIONS)
    assert "digits" in penchant("datasets")[1]


@pytest.mark.parametrize("command", [[], ["run"], ["resume"], ["show"], ["list"], ["verdict"], ["operations"]])
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
