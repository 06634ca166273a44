"""Every kind of data from the command line: a few short trials, to one JSON document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import ray
from datasets import ClassLabel, Value
from ray.cluster_utils import Cluster

from search import Study
from search.verdict.document import VerdictDocument
from tests.end_to_end.data_files import CLASSES, ROWS, archive, gaps, image_folder, noise, saved_set, table, tokens

pytestmark = pytest.mark.xdist_group("end_to_end")

TRIALS = 8


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """One cluster for all runs there: a Ray of its own, or a second worker, would cost each more than its training."""
    running = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    yield running.address
    ray.shutdown()
    running.shutdown()


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all studies: databases are set up once."""
    return tmp_path_factory.mktemp("home")


@dataclass(frozen=True)
class Case:
    """A kind of data.

    Attributes:
        make: writes it to a path and returns what the command is given.
        told: how the first line of the run begins that says how rows were understood, behind the name of the set.
        metric: what networks are compared by.
        file: name of the path; none of a registered set.
        options: that the command needs to read it.
        higher_is_better: of the metric.
    """

    make: Callable[[Path], str]
    told: str
    metric: str = "accuracy"
    file: str = "mine.npz"
    options: tuple[str, ...] = ()
    higher_is_better: bool = True


LENGTHS = 1 + np.arange(ROWS) % 6
CASES = {
    "images": Case(lambda path: archive(path, x_train=noise(1, 5, 6), y_train=CLASSES), "image, 48 rows of 5 × 6 × 1;"),
    "series": Case(lambda path: archive(path, x_train=noise(6, 2), y_train=CLASSES), "series, 48 rows of 6 × 2;"),
    "series_with_lengths": Case(
        lambda path: archive(path, x_train=noise(6, 2), y_train=CLASSES, length_train=LENGTHS),
        "series, 48 rows of 6 × 2;",
    ),
    "tokens": Case(lambda path: archive(path, x_train=tokens(6), y_train=CLASSES), "tokens, 48 rows of 6 tokens of 5;"),
    "floats": Case(
        lambda path: archive(path, x_train=noise(4), y_train=np.resize(["rose", "lily", "iris"], ROWS)),
        "tabular, 48 rows of 4;",
    ),
    "test_of_its_own": Case(
        lambda path: archive(path, x_train=noise(4), y_train=CLASSES, x_test=noise(4)[:9], y_test=CLASSES[:9]),
        "tabular, 60 rows of 4; 9 more are the sealed test;",
        metric="log_loss",
        options=("--metric", "log_loss"),
        higher_is_better=False,
    ),
    "next_tokens": Case(
        lambda path: archive(path, x_train=tokens(7)),
        "tokens, 48 rows of 6 tokens of 5;",
        metric="perplexity",
        higher_is_better=False,
    ),
    "regression": Case(
        lambda path: archive(path, x_train=noise(4), y_train=noise(4).sum(axis=1)), "tabular, 48 rows of 4;", "r2"
    ),
    "csv": Case(
        lambda path: table(
            path, age=gaps(range(0, 2 * ROWS, 2), 7), town=gaps(["a", "b"] * (ROWS // 2), 9), kind=CLASSES
        ),
        "tabular, 48 rows of 6;",
        file="mine.csv",
        options=("--target", "kind"),
    ),
    "tsv": Case(
        lambda path: table(path, price=noise(1)[:, 0] + 20),
        "tabular, 48 rows of 5;",
        metric="rmse",
        file="mine.tsv",
        options=("--target", "price", "--metric", "rmse"),
        higher_is_better=False,
    ),
    "parquet": Case(
        lambda path: table(path, rooms=np.arange(ROWS) % 40),
        "tabular, 48 rows of 5;",
        metric="r2",
        file="mine.parquet",
        options=("--target", "rooms", "--task", "regression"),
    ),
    "image_folder": Case(
        lambda path: image_folder(path, {"cat": 16, "dog": 16}), "image, 25 rows of 5 × 5 × 3;", file="mine"
    ),
    "huggingface": Case(
        lambda path: saved_set(
            path,
            {"size": Value("float32"), "town": Value("string"), "label": ClassLabel(names=["no", "yes"])},
            size=noise(1)[:, 0].tolist(),
            town=["north", "south"] * (ROWS // 2),
            label=CLASSES.tolist(),
        ),
        "tabular, 48 rows of 3;",
        file="mine",
    ),
    "diabetes": Case(lambda path: "diabetes", "tabular, 353 rows of 10;", metric="r2", file=""),
    "copy": Case(
        lambda path: "copy", "tokens, 3,200 rows of 16 tokens of 9;", "perplexity", file="", higher_is_better=False
    ),
}


ON_RAY = ("images", "series_with_lengths", "next_tokens", "diabetes")
"""Kinds that a worker process is sent: every modality and task, and lengths. The engines agree on whatever else."""


@pytest.fixture
def place(kind: str, request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The options that tell where trainings run; without any it is this process."""
    if kind in ON_RAY:
        return ("--workers", "1", "--address", request.getfixturevalue("address"))
    request.getfixturevalue("trained_here")
    return ()


@pytest.mark.parametrize("kind", CASES)
def test_a_run_ends_in_one_json_document(kind, penchant, place, shared_home, tmp_path, monkeypatch):
    """How rows were understood is told first; no trial fails, and the verdict has the metric of the task."""
    case = CASES[kind]
    monkeypatch.setenv("PENCHANT_HOME", str(shared_home))
    source = case.make(tmp_path / case.file)
    arguments = ("--trials", str(TRIALS), "--epochs", "2", "--name", kind, "--json")
    code, output, error = penchant("run", source, *arguments, *place, *case.options)

    assert code == 0, error
    assert error.splitlines()[0].startswith(f"{'mine' if case.file else source}: {case.told}")
    document = json.loads(output)
    assert document.pop("state") == "finished"
    assert sum(document.pop("trials").values()) == TRIALS
    verdict = VerdictDocument.model_validate(document)
    assert verdict.to_json() == document
    assert (verdict.study, verdict.metric, verdict.higher_is_better) == (kind, case.metric, case.higher_is_better)
    assert verdict.budget.trials == TRIALS
    assert verdict.champion is not None
    assert np.isfinite(verdict.champion.sealed_test.mean)
    assert "failed" not in set(Study.load(kind).trials()["state"])
