"""Every command and every snippet shown in the documents runs."""

import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from search import Study
from search.cli import cli, main
from search.cli.catalogue import first_line
from spaces.activations import ACTIVATIONS
from spaces.built_in import BUILT_IN
from spaces.connections import CONNECTIONS
from spaces.gates import GATES
from spaces.heads import HEADS
from spaces.initializations import INITIALIZATIONS
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS
from spaces.positions import POSITIONS
from spaces.stems import STEMS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = {
    "make demo": "a fresh clone runs it before a release; what it calls is tests/end_to_end/test_command_line.py",
    "make test": "this very run",
    "penchant ui digits": "tests/end_to_end/test_mlflow_ui.py",
    "optuna-dashboard sqlite:///.penchant/penchant.db": "tests/end_to_end/test_optuna_dashboard.py",
    "POSTGRES_PASSWORD=choose-one docker compose up --build": "tests/end_to_end/test_cluster.py runs every service",
    "ray start --address=ray-head:6379 --num-cpus=0": "tests/end_to_end/test_cluster.py",
    "ray up ray-cluster.yaml": "tests/end_to_end/test_cluster_files.py checks the form, no more",
    "ray attach ray-cluster.yaml": "",
    "kubectl apply --filename raycluster.yaml": "tests/end_to_end/test_cluster_files.py, as the next",
    "kubectl exec --stdin --tty service/penchant-head-svc -- penchant run digits --address penchant-head-svc:6379": "",
    "penchant serve": "tests/end_to_end/test_service.py, as the next three",
    "penchant submit study.yaml": "",
    "penchant watch digits": "",
    "penchant stop digits": "",
    "penchant runner --concurrency 2": "tests/end_to_end/test_cluster.py",
}
SMALL = ["--trials", "8", "--epochs", "1"]
ALSO_SMALL = {"evaluate": ["--seeds", "1", "--steps", "20"], "retrain": ["--epochs", "1"]}
SERVICES = ("--address", "--storage", "--tracking-uri")


def blocks(language: str) -> list[str]:
    return [
        block for path in DOCUMENTS for block in re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)
    ]


def commands() -> list[str]:
    lines = [line.split("  #")[0].split("   #")[0].strip() for block in blocks("bash") for line in block.splitlines()]
    return list(dict.fromkeys(re.sub(r"\s+#.*", "", line) for line in lines if line))


@pytest.fixture(autouse=True)
def small_and_inline(monkeypatch, tmp_path, home, trained_here):
    """Studies train in this process, in a folder with a user's files; only their budget is made small."""
    monkeypatch.chdir(tmp_path)
    for block in [*blocks("yaml"), *blocks("python")]:
        if named := re.match(r"# (\w+\.(?:py|yaml))\b", block):
            Path(named[1]).write_text(block)
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 60)
    x = (rng.normal(size=(120, 1, 4, 4)) + 2.0 * y[:, None, None, None]).astype(np.float32)
    np.savez("mine.npz", x_train=x, y_train=y)
    table = {"rooms": x[:, 0, 0, 0], "town": np.where(y, "north", "south"), "price_band": np.where(y, "high", "low")}
    pd.DataFrame(table).to_csv("mine.csv", index=False)


def test_every_command_is_known():
    """A command in a document is one of ours, which runs below, or one whose test is named here."""
    unknown = [command for command in commands() if not command.startswith("penchant ") and command not in ELSEWHERE]
    assert not unknown
    assert any(command.startswith("penchant run ") for command in commands())


def penchant(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["penchant", *arguments])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def made_small(arguments: list[str]) -> list[str]:
    """A `run` as it stands but for its budget and the services of a cluster, which have a test of their own."""
    kept = []
    skip = False
    for argument in arguments:
        if not skip and argument not in (*SERVICES, "--budget", "--trials", "--epochs"):
            kept.append(argument)
        skip = not skip and argument in (*SERVICES, "--budget", "--trials", "--epochs")
    return kept + SMALL


def runs() -> list[list[str]]:
    """Arguments of every documented `run`."""
    return [shlex.split(command)[2:] for command in commands() if command.startswith("penchant run ")]


@pytest.mark.parametrize("arguments", runs(), ids=" ".join)
def test_the_options_of_a_documented_run_exist(arguments: list[str]):
    """Also those of a cluster and of longer budgets."""
    cli.commands["run"].make_context("run", list(arguments))


@pytest.mark.parametrize("arguments", list(map(list, dict.fromkeys(map(tuple, map(made_small, runs()))))), ids=" ".join)
def test_a_documented_run_ends_well(arguments: list[str], monkeypatch):
    """With a small budget it ends with exit code 0. What MLflow is told is the same for all, and the next test's."""
    monkeypatch.setattr(Study, "observers", lambda self: [])
    assert penchant(monkeypatch, "run", *arguments) == 0


def test_documented_commands_on_a_study_end_well(monkeypatch):
    """resume, show, verdict and the lists, on a study of digits, in the order in which they are shown."""
    assert penchant(monkeypatch, "run", "digits", *SMALL) == 0
    ours = [command for command in commands() if command.startswith("penchant ") and command not in ELSEWHERE]
    others = [shlex.split(command)[1:] for command in ours if not command.startswith("penchant run ")]
    assert len(others) >= 6
    named = re.findall(r"--name (\S+)", "\n".join(commands()))  # by other documented runs
    for arguments in others:
        given = ["digits" if argument in named else argument.replace("NAME", "digits") for argument in arguments]
        given += ALSO_SMALL.get(given[0], [])
        assert penchant(monkeypatch, *given) == 0, given


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_documented_python_runs(number: int, monkeypatch):
    """Snippets run as they stand, but for the budget."""
    source = blocks("python")[number].replace('budget="5m"', "trials=8, epochs=1")
    rows = dict(np.load("mine.npz"))
    data = {
        "x_train": rows["x_train"],
        "y_train": rows["y_train"],
        "x_test": rows["x_train"],
        "y_test": rows["y_train"],
    }
    exec(compile(source, "README.md", "exec"), data)


def test_every_operation_is_in_the_table():
    """A row each, with its family, its first sentence and its sub-choices; none that does not exist."""
    text = (ROOT / "docs" / "operations.md").read_text()
    for name in OPERATIONS:
        choices = OPERATIONS[name].choices
        options = "; ".join(f"{c}: {choices[c].expected.removeprefix('one of ').lower()}" for c in choices)
        assert f"| {OPERATIONS[name].family} | {name} | {first_line(OPERATIONS[name])} | {options} |" in text
    assert len(re.findall(r"^\| \w+ \| \w+ \| ", text, re.MULTILINE)) == len(list(OPERATIONS)) + 1  # the head


def test_every_slot_is_in_the_table():
    """docs/space.md names everything that can stand in a slot."""
    text = (ROOT / "docs" / "space.md").read_text()
    for slot in (STEMS, POSITIONS, CONNECTIONS, GATES, NORMALIZATIONS, ACTIVATIONS, INITIALIZATIONS, HEADS):
        for name in slot:
            assert re.search(rf"^\| .*\b{name}\b.*\|$", text, re.MULTILINE), name
    assert all(f"`{name}`" in text for name in BUILT_IN)


def test_links_lead_somewhere():
    """Every file that a document links or shows is there."""
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
            assert target.startswith("http") or (path.parent / target).exists(), f"{path.name}: {target}"
