"""Data sets made from arrays: the sealed test, class sizes and fingerprints."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces.errors import InvalidInput
from spaces.shapes import Kind
from workers.datasets import Dataset, divide, from_arrays
from workers.metric import metric_of


def table(counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are told apart by their first feature, the row's number."""
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    return np.stack([np.arange(len(y)), y], axis=-1).astype(np.float32), y


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(7, 40), min_size=2, max_size=12))
def test_a_stratified_fifth_is_sealed(counts: list[int]) -> None:
    """Without x_test a fifth of the rows is sealed, of every class, always the same; what is left can be divided."""
    x, y = table(counts)
    dataset, again = from_arrays("set", x, y), from_arrays("set", x, y)

    numbers = np.concatenate([dataset.x[:, 0], dataset.x_test[:, 0]])
    np.testing.assert_array_equal(np.sort(numbers), x[:, 0])
    np.testing.assert_array_equal(dataset.x[:, 1], dataset.y)
    np.testing.assert_array_equal(dataset.x_test[:, 1], dataset.y_test)
    np.testing.assert_array_equal(dataset.x_test, again.x_test)
    assert len(dataset.y_test) == -(-len(y) // 5)
    sealed = np.bincount(dataset.y_test, minlength=len(counts))
    assert (np.abs(sealed - np.array(counts) * len(dataset.y_test) / len(y)) < 1).all()
    assert np.bincount(dataset.y).min() >= 5
    divide(dataset.y, 0)


def test_a_given_test_is_the_sealed_test() -> None:
    """With x_test no development row is taken away, and no row changes its place."""
    x, y = table([5, 6])
    dataset = from_arrays("set", x, y, x[:3] + 100, y[:3])

    np.testing.assert_array_equal(dataset.x, x)
    np.testing.assert_array_equal(dataset.x_test, x[:3] + 100)
    np.testing.assert_array_equal(dataset.y_test, y[:3])
    assert (dataset.metric.name, dataset.task.outputs) == ("accuracy", 2)


def test_stored_rows_are_copies() -> None:
    """Whoever changes their arrays later does not change the data set."""
    x, y = table([8, 8])
    dataset = from_arrays("set", x, y, x, y)
    x[:], y[:] = -1, 0

    assert dataset.x[:, 0].tolist() == list(range(16))
    assert set(dataset.y.tolist()) == {0, 1}


def test_a_class_too_small_to_seal_is_refused() -> None:
    """Seven rows a class are the fewest to seal a share of; the line says how many were found and what else helps."""
    line = (
        r"^set: y_train has 6 rows of class '1': expected at least 7 rows a class \(5 to .*\), or an x_test of its own$"
    )
    with pytest.raises(InvalidInput, match=line):
        from_arrays("set", *table([7, 6, 9]))


def test_a_class_too_small_to_divide_is_refused() -> None:
    """Five development rows a class are the fewest where x_test is given; several small classes are counted."""
    x, y = table([5, 4, 2])
    line = (
        r"y_train has 4 rows of class '1', and 1 more classes are too small: expected at least 5 rows a class for train"
    )
    with pytest.raises(InvalidInput, match=line):
        from_arrays("set", x, y, x, y)


@pytest.mark.parametrize(
    ("test", "line"),
    [
        ({"x_test": np.zeros((2, 2))}, "found x_test without y_test: expected both or neither"),
        ({"y_test": [0, 1]}, "found y_test without x_test: expected both or neither"),
        (
            {"x_test": np.zeros((2, 3)), "y_test": [0, 1]},
            r"x_test has shape \(2, 3\): expected \(n, 2\), as x_train has",
        ),
        ({"x_test": np.zeros((2, 2, 1)), "y_test": [0, 1]}, r"x_test has shape \(2, 2, 1\): expected \(n, 2\)"),
        ({"x_test": np.zeros((0, 2)), "y_test": []}, r"x_test is empty, shape \(0, 2\)"),
        ({"x_test": np.zeros((2, 2)), "y_test": [0]}, r"x_test has 2 rows and y_test 1 labels"),
        ({"x_test": [["a", "b"]], "y_test": [0]}, r"x_test has dtype <U1"),
        ({"x_test": np.zeros((2, 2)), "y_test": [0.5, 1]}, r"y_test\[0\] is 0.5: expected whole numbers"),
    ],
)
def test_a_test_unlike_the_development_rows_is_refused(test: dict[str, np.ndarray], line: str) -> None:
    """x_test and y_test come together, in the shape of x_train, one label a row."""
    with pytest.raises(InvalidInput, match=f"^set: {line}"):
        from_arrays("set", *table([9, 9]), **test)


def test_the_line_names_where_the_arrays_came_from() -> None:
    """A source given by the caller stands in the message instead of the set's name."""
    with pytest.raises(InvalidInput, match=r"^folder/set\.npz: y_train has one class"):
        from_arrays("set", *table([9]), where="folder/set.npz")


def fingerprint(x: np.ndarray, y: np.ndarray) -> str:
    return from_arrays("set", x, y, x[:4], y[:4]).fingerprint


def test_the_fingerprint_tells_data_apart() -> None:
    """Equal arrays have equal fingerprints of 16 digits; one changed value, label, shape or division changes it."""
    x, y = table([10, 10])
    changed_x, changed_y = x.copy(), y.copy()
    changed_x[3, 0] += 1
    changed_y[7] = 1 - y[7]
    series = from_arrays("set", x[:, :, None], y, x[:4, :, None], y[:4]).fingerprint
    variants = [fingerprint(x, y), fingerprint(changed_x, y), fingerprint(x, changed_y), series]

    assert fingerprint(x.astype(np.float64), y.astype(np.uint8)) == variants[0]
    assert len({*variants, from_arrays("set", x, y).fingerprint}) == 5
    assert all(len(variant) == 16 and int(variant, 16) >= 0 for variant in variants)


def test_a_dataset_crosses_a_process_border() -> None:
    """A data set survives pickling, and its representation does not print its rows."""
    dataset = from_arrays("set", *table([10, 10]))
    copy: Dataset = pickle.loads(pickle.dumps(dataset))

    np.testing.assert_array_equal(copy.x, dataset.x)
    assert (copy.task, copy.labels, copy.fingerprint) == (dataset.task, dataset.labels, dataset.fingerprint)
    assert "array" not in repr(dataset)


def test_a_summary_says_how_the_rows_were_understood() -> None:
    """Whole numbers in two dimensions are tokens unless somebody says otherwise: a person should see that."""
    x, y = np.arange(120).reshape(30, 4) % 7, np.arange(30) % 2

    assert from_arrays("mine", x, y).summary == (
        "mine: tokens, 24 rows of 4 tokens of 7; 6 more are the sealed test; predicts one of 2 classes; "
        "scored by accuracy"
    )
    assert "tabular, 24 rows of 4; 6 more" in from_arrays("mine", x, y, modality="tabular").summary
    assert from_arrays("mine", x, None).summary == (
        "mine: tokens, 24 rows of 3 tokens of 7; 6 more are the sealed test; predicts the token after each; "
        "scored by perplexity"
    )
    numbers = from_arrays("mine", x, [-3.5, 2.5] * 15, x, y, modality="tabular").summary
    assert numbers.endswith("; predicts numbers from -3.5 to 2.5 (mean -0.5, sd 3); scored by r2")


def test_columns_that_are_constant_are_told() -> None:
    """Some may be; where all are, there is nothing to learn from, unless rows differ in length."""
    x, y = table([10, 10])
    x = np.concatenate([x, np.full((20, 2), 7.0)], axis=1)

    assert from_arrays("set", x, y, x, y).notes == ("2 of 4 columns are constant",)
    assert from_arrays("set", x[:, :3], y, x[:, :3], y).notes == ("1 of 3 columns is constant",)
    assert from_arrays("set", x[:, :2], y, x[:, :2], y).notes == ()
    assert len(from_arrays("set", np.ones((20, 3), int), y, lengths=1 + y).y) == 16
    for constant in (x[:, 2:], np.ones((20, 3), int), np.ones((20, 1, 4, 4)), np.ones((20, 5, 2))):
        with pytest.raises(
            InvalidInput, match=r"^set: every feature of x_train is constant: expected rows that differ$"
        ):
            from_arrays("set", constant, y)


def test_rows_are_scored_by_the_metric_that_is_named() -> None:
    """By name, whose ends follow from the development rows alone, or by the first of the task's kind."""
    x, y = table([10, 10, 10])
    dataset = from_arrays("set", x, y, x[:4], y[:4], metric="log_loss")

    assert dataset.metric == metric_of(Kind.CLASSIFICATION, "log_loss", outputs=3)
    assert dataset.scored_by(None).metric == metric_of(Kind.CLASSIFICATION, "accuracy")
    numbers = from_arrays("set", x, y, x[:4], y[:4] + 1000, task="regression", metric="rmse")
    assert numbers.metric.worst == pytest.approx(float(np.std(y)))
    with pytest.raises(InvalidInput, match=r"^metric: found 'r2', expected one of accuracy, .* for classification$"):
        from_arrays("set", x, y, metric="r2")
