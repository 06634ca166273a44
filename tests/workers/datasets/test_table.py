"""Tables from files with a target column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from spaces.errors import InvalidInput
from spaces.shapes import Kind
from workers.datasets.table import load_table

ROWS = 40


def columns(**changes: Any) -> dict[str, Any]:
    """A number that is the row's own, a text, and classes."""
    kept = {
        "size": np.arange(ROWS) ** 2,
        "colour": np.resize(["red", "blue", "green"], ROWS),
        "kind": np.resize(["good", "bad"], ROWS),
    }
    return {**kept, **changes}


def written(path: Path, **changes: Any) -> Path:
    table = pd.DataFrame(columns(**changes))
    if path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False)
    return path


def refusal(path: Path, target: str = "kind", task: str | None = None) -> str:
    """The line that refuses a table, without the path it begins with."""
    with pytest.raises(InvalidInput) as caught:
        load_table(path, target, task)
    start, _, line = str(caught.value).partition(f"{path}: ")
    assert not start
    assert line.isprintable()
    return line


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_becomes_a_dataset_of_its_stem(tmp_path: Path, ending: str) -> None:
    """Features beside the target, a stratified fifth sealed, each row with its own class, a note a column."""
    dataset = load_table(written(tmp_path / f"houses.{ending}"), "kind")
    assert (dataset.name, dataset.modality) == ("houses", "tabular")
    assert dataset.labels == ("bad", "good")
    assert dataset.notes == ("column 'size': a number", "column 'colour': one-hot, 3 values")
    assert (dataset.task.grid.channels, dataset.task.grid.positions, dataset.task.outputs) == (4, (), 2)
    assert np.bincount(dataset.y_test).tolist() == [4, 4]
    x, y = np.concatenate([dataset.x, dataset.x_test]), np.concatenate([dataset.y, dataset.y_test])
    rows = np.sqrt(x[:, 0]).astype(int)
    assert sorted(rows.tolist()) == list(range(ROWS))
    np.testing.assert_array_equal(y, 1 - rows % 2)


def test_any_column_may_be_the_target(tmp_path: Path) -> None:
    """The others are features then."""
    dataset = load_table(str(written(tmp_path / "a.csv")), "colour")
    assert dataset.labels == ("blue", "green", "red")
    assert dataset.notes == ("column 'size': a number", "column 'kind': one-hot, 2 values")


def test_the_same_columns_are_the_same_data_in_every_format(tmp_path: Path) -> None:
    """The fingerprint is of what networks read, gaps included."""
    gaps = {"size": np.where(np.arange(ROWS) % 5, np.arange(ROWS) ** 2, np.nan)}
    one, other = (load_table(written(tmp_path / f"a.{end}", **gaps), "kind") for end in ("csv", "parquet"))
    assert one.fingerprint == other.fingerprint
    assert np.isnan(one.x).any()
    assert one.fingerprint != load_table(written(tmp_path / "a.csv"), "kind").fingerprint


def test_what_is_learnt_of_columns_comes_from_development_rows(tmp_path: Path) -> None:
    """A value that sealed rows alone hold has no feature, though it is frequent there."""
    plain = load_table(written(tmp_path / "a.csv"), "kind")
    sealed = np.isin(np.arange(ROWS) ** 2, plain.x_test[:, 0])
    colours = np.where(sealed, "secret", columns()["colour"])
    dataset = load_table(written(tmp_path / "a.csv", colour=colours), "kind")
    assert dataset.notes == plain.notes
    assert not dataset.x_test[:, 1:].any()
    np.testing.assert_array_equal(dataset.x, plain.x)


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        (np.resize([10, 9], ROWS), ("9", "10")),
        (np.resize([1.0, 0.0], ROWS), ("0", "1")),
        (np.resize([True, False], ROWS), ("False", "True")),
        (pd.Series(np.resize(["x", "y"], ROWS), dtype="category"), ("x", "y")),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_classes_are_texts_booleans_or_whole_numbers(tmp_path: Path, ending: str, kind: Any, labels: tuple) -> None:
    """In their own order, numbers by size; floats that are whole count as whole numbers."""
    assert load_table(written(tmp_path / f"a.{ending}", kind=kind), "kind").labels == labels


def with_gaps(kind: np.ndarray, *rows: int) -> pd.Series:
    series = pd.Series(kind).astype(object)
    series[list(rows)] = None
    return series


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (with_gaps(columns()["kind"], 6), "target 'kind' is missing in row 7: expected it in every row"),
        (with_gaps(columns()["kind"], 6, 9, 30), "target 'kind' is missing in row 7 and 2 more: expected it in"),
        (np.full(ROWS, "same"), "target 'kind' has one class only, 'same': expected at least two classes"),
        (np.where(np.arange(ROWS) < 6, "few", "many"), "target 'kind' has 6 rows of class 'few': expected at least 7"),
        (np.resize(["2020-01-01", "2021-01-01"], ROWS), "target 'kind' holds dates: expected classes (text, booleans"),
        (np.where(np.arange(ROWS) < 20, np.inf, 1), "target 'kind' is inf in row 1: expected classes"),
        (np.where(np.arange(ROWS) < 6, 0.5, np.inf), "target 'kind' is inf in row 7: expected finite numbers for task"),
        (np.where(np.arange(ROWS) == ROWS, 0, 0.5), "y_train is 0.5 in every row: expected numbers that differ"),
    ],
)
def test_other_targets_are_refused(tmp_path: Path, kind: Any, line: str) -> None:
    """The line says which row, counted from one, and what is expected."""
    assert refusal(written(tmp_path / "a.csv", kind=kind)).startswith(line)


PRICES = np.random.default_rng(0).permutation(ROWS) / 8


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_target_with_fractions_is_predicted_as_numbers(tmp_path: Path, ending: str) -> None:
    """A fifth is sealed, from all over their range, and each row keeps its own number."""
    dataset = load_table(written(tmp_path / f"a.{ending}", kind=PRICES), "kind")

    assert (dataset.task.kind, dataset.task.outputs, dataset.labels) == (Kind.REGRESSION, 1, ())
    assert dataset.metric.name == "r2"
    rows = np.sqrt(np.concatenate([dataset.x[:, 0], dataset.x_test[:, 0]])).astype(int)
    np.testing.assert_array_equal(np.concatenate([dataset.y, dataset.y_test]), PRICES[rows].astype(np.float32))
    assert set(np.histogram(dataset.y_test, 5, (0, ROWS / 8))[0].tolist()) == {1, 2}


def test_a_task_that_is_named_counts_more_than_what_the_target_looks_like(tmp_path: Path) -> None:
    """Whole numbers may be numbers to predict; whatever cannot be is refused."""
    whole = written(tmp_path / "whole.csv", kind=np.resize([3, 4], ROWS))
    dataset = load_table(whole, "kind", "regression")

    assert (dataset.task.kind, sorted(set(dataset.y.tolist()))) == (Kind.REGRESSION, [3, 4])
    assert load_table(whole, "kind").labels == ("3", "4")
    fractions = written(tmp_path / "fractions.csv", kind=PRICES)
    assert refusal(fractions, task="classification").startswith("target 'kind' is 1.375 in row 1: expected classes")
    texts = written(tmp_path / "texts.csv")
    assert refusal(texts, task="regression") == "target 'kind' holds text: expected numbers for task 'regression'"
    assert refusal(texts, task="next-token").startswith(
        "found task 'next_token': expected classification or regression"
    )
    assert refusal(texts, task="x").startswith(
        "task: found 'x', expected one of classification, regression, next_token"
    )


def test_an_unknown_target_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    """And with the columns there are, the first eight of many."""
    path = written(tmp_path / "a.csv")
    known = "expected one of 'size', 'colour', 'kind'"
    assert refusal(path, "kinds") == f"unknown column 'kinds': {known} (did you mean 'kind'?)"
    assert refusal(path, "\n") == rf"unknown column '\n': {known}"
    pd.DataFrame([range(9)]).to_csv(path, index=False)
    assert refusal(path, "x").endswith("'7', …")


def test_what_other_files_say_of_unusable_rows_is_said_with_the_path(tmp_path: Path) -> None:
    """Files and columns that cannot be read name the file first."""
    assert refusal(tmp_path / "none.csv") == "no such file: expected a table"
    assert refusal(written(tmp_path / "a.csv", size=np.resize(["2020-01-01"], ROWS))).startswith("column 'size' holds")
    only = tmp_path / "only.csv"
    pd.DataFrame({"kind": columns()["kind"]}).to_csv(only, index=False)
    assert (
        refusal(only)
        == "no column beside the target is of use (there is none): expected one whose values tell rows apart"
    )


def test_texts_that_are_no_labels_are_refused(tmp_path: Path) -> None:
    """A blank one is missing; a very long one would have room in every row."""
    kinds = np.resize(["good", "bad"], ROWS).tolist()
    path = written(tmp_path / "houses.csv", kind=["  ", *kinds[1:]])
    assert refusal(path) == "target 'kind'[0] is blank: expected a class label in every row"
    path = written(path, kind=["x" * 100_000, *kinds[1:]])
    assert refusal(path) == "target 'kind'[0] has 100,000 characters: expected class labels of at most 256"
    assert len(load_table(written(path, kind=["x" * 256, "bad"] * (ROWS // 2)), "kind").labels[1]) == 256
