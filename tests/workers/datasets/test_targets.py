"""The array y: numbers to predict, and what is refused."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces.errors import InvalidInput
from spaces.shapes import Grid, Kind, Task
from workers.datasets import divide, from_arrays, load_dataset
from workers.datasets.targets import MOST_ALIKE

X = np.random.default_rng(0).normal(size=(30, 3))
Y = np.random.default_rng(1).normal(size=30)


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (Y, None),
        (Y[:, None], None),
        (Y.astype(np.float16), "regression"),
        (np.arange(30), "regression"),
        (Y, "regression"),
    ],
)
def test_numbers_are_stored_as_float32(y: np.ndarray, task: str | None) -> None:
    """Where one has a fraction or the user says so; one number a row, unchanged, and no labels."""
    dataset = from_arrays("set", X, y, X[:4], y[:4], task=task)

    np.testing.assert_array_equal(dataset.y, y.reshape(30).astype(np.float32))
    np.testing.assert_array_equal(dataset.y_test, y.reshape(30)[:4].astype(np.float32))
    assert (dataset.y.dtype, dataset.y_test.dtype) == (np.float32, np.float32)
    assert (dataset.task, dataset.labels) == (Task(Grid((), 3), 1, None, Kind.REGRESSION), ())
    assert dataset.metric.name == "r2"


def test_whole_numbers_are_classes_unless_somebody_says_otherwise() -> None:
    """Floats without a fraction too; the same rows are other data as numbers."""
    y = np.arange(30) % 2
    classes, numbers = from_arrays("set", X, y.astype(float)), from_arrays("set", X, y, task="regression")

    assert (classes.task.kind, numbers.task.kind) == (Kind.CLASSIFICATION, Kind.REGRESSION)
    assert classes.fingerprint != numbers.fingerprint


@settings(max_examples=40, deadline=None)
@given(st.integers(25, 200), st.integers(2, 40))
def test_a_fifth_from_all_over_the_range_is_sealed(count: int, distinct: int) -> None:
    """Always the same rows, each in one part, whether or not numbers repeat; what is left can be divided."""
    y = np.random.default_rng(count).permutation(np.arange(count) % distinct) / 4
    x = np.stack([np.arange(count), y], axis=1)
    dataset, again = (from_arrays("set", x, y, task="regression") for _ in range(2))

    np.testing.assert_array_equal(np.sort(np.concatenate([dataset.x, dataset.x_test])[:, 0]), np.arange(count))
    np.testing.assert_array_equal(dataset.x[:, 1], dataset.y)
    np.testing.assert_array_equal(dataset.x_test, again.x_test)
    assert len(dataset.y_test) == -(-count // 5)
    places = np.flatnonzero(np.isin(np.argsort(y, kind="stable"), dataset.x_test[:, 0]))
    assert np.diff(places, prepend=-1, append=count).max() < 28  # two neighbouring strata of 13 rows
    assert len(divide(dataset.y, 0).confirm) >= 3


@pytest.mark.parametrize(
    ("y", "line"),
    [
        (
            np.where(np.arange(30) == 6, np.nan, Y),
            r"y_train\[6\] is nan: expected finite numbers within 1e\+38 for task",
        ),
        (np.where(np.arange(30) == 6, -np.inf, Y), r"y_train\[6\] is -inf: expected finite numbers"),
        (np.where(np.arange(30) == 6, 1e300, Y), r"y_train\[6\] is 1e\+300: expected finite numbers"),
        (Y * 0 + 0.5, r"y_train is 0.5 in every row: expected numbers that differ$"),
        (np.stack([Y, Y], axis=1), r"y_train is 2-D, shape \(30, 2\): expected 1-D, one number a row$"),
        (np.float32(0.5), r"y_train is 0-D, shape \(\): expected 1-D, one number a row$"),
        (Y.astype(str), r"y_train has dtype <U32: expected numbers for task 'regression'$"),
        (Y.astype(object), r"y_train has dtype object: expected numbers"),
        (Y > 0, r"y_train has dtype bool: expected numbers"),
        ([[0.5], [1.0, 2.0]], r"y_train is ragged: expected one number a row$"),
        (
            1.7e9 + 60 * Y,
            r"y_train has deviation [\d.]+ around 1699999996.*, which float32 rounds away: expected numbers less su",
        ),
        (Y[:29], r"x_train has 30 rows and y_train 29 numbers: expected one number a row$"),
        (None, r"y_train missing: expected one for task 'regression'$"),
    ],
)
def test_what_is_no_number_a_row_is_refused(y: Any, line: str) -> None:
    """The line names the first row at fault, the shape or the type."""
    with pytest.raises(InvalidInput, match=f"^set: {line}"):
        from_arrays("set", X, y, task="regression")


def test_the_numbers_of_the_test_are_checked_as_well() -> None:
    """Before anything is trained."""
    with pytest.raises(InvalidInput, match=r"^set: y_test\[1\] is nan: expected finite numbers"):
        from_arrays("set", X, Y, X[:2], [0.5, np.nan])


def test_too_few_rows_are_refused() -> None:
    """Twenty are the fewest to develop on, and five more where a share is sealed."""
    with pytest.raises(
        InvalidInput, match=r"^set: y_train has 24 rows: expected at least 25 \(20 .*\), or an x_test of i"
    ):
        from_arrays("set", X[:24], Y[:24])
    with pytest.raises(
        InvalidInput, match=r"^set: y_train has 19 rows: expected at least 20 for train, search and con"
    ):
        from_arrays("set", X[:19], Y[:19], X, Y)
    assert len(from_arrays("set", X[:25], Y[:25]).y) == len(from_arrays("set", X[:20], Y[:20], X, Y).y) == 20


def test_an_offset_that_rounding_does_not_reach_is_kept() -> None:
    """Unix seconds over a month, which float32 tells to two minutes."""
    y = 1.7e9 + 1e6 * Y
    np.testing.assert_allclose(from_arrays("set", X, y, X, y).y, y, atol=64)


@pytest.mark.parametrize(
    ("y", "test", "line"),
    [
        (Y, [0.5, 0.5], r"the sealed test has 0\.5 in every row, where r2 is not defined: .*, or --metric rmse$"),
        (np.where(np.arange(200) < 199, 0.0, 2.5), None, r"the sealed test has 0\.0 in every row, where r2 is not"),
        (np.arange(200).clip(max=5) / 2, [1, 2], r"195 of 200 rows to develop on are 2\.5, so that parts held out may"),
    ],
)
def test_r2_is_refused_where_it_is_not_defined(y: np.ndarray, test: Any, line: str) -> None:
    """In a line that names the metric which is; the default is refused where the user leaves it at that."""
    x = np.random.default_rng(0).normal(size=(len(y), 3))
    rest = () if test is None else (x[:2], test)

    with pytest.raises(InvalidInput, match=line):
        from_arrays("set", x, y, *rest, metric="r2")
    assert from_arrays("set", x, y, *rest, metric="rmse").metric.name == "rmse"


def test_the_default_metric_is_checked_once_no_other_is_chosen(tmp_path: Path) -> None:
    """RMSE may be told of rows of which R2 may not."""
    file = str(tmp_path / "set.npz")
    np.savez(file, x_train=X, y_train=Y, x_test=X[:1], y_test=Y[:1])

    with pytest.raises(InvalidInput, match=rf"^{file}: the sealed test has .* in every row, where r2 is not defined"):
        load_dataset(file)
    assert load_dataset(file, metric="rmse").metric.name == "rmse"


@pytest.mark.parametrize(("others", "is_told"), [(5, False), (7, True), (20, True)])
def test_r2_is_told_where_parts_seldom_hold_one_number_alone(others: int, is_told: bool) -> None:
    """As seen in a hundred divisions, of which a tenth may; more is refused."""
    y = (np.arange(200, dtype=np.float32) + 1).clip(max=others + 1)
    x = np.random.default_rng(0).normal(size=(200, 3))
    parts = [part for index in range(100) for part in (divide(y, index).search, divide(y, index).confirm)]

    assert (np.mean([np.ptp(y[part]) == 0 for part in parts]) <= MOST_ALIKE) == is_told
    with nullcontext() if is_told else pytest.raises(InvalidInput, match=r"195 of 200 rows to develop on are 6\.0"):
        from_arrays("set", x, y, x[:2], y[:2], task="regression", metric="r2")
