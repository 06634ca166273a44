"""Data sets made from arrays: the sealed test, class sizes and fingerprints."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces.errors import InvalidInput
from workers.datasets import Dataset, divide, from_arrays


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
        ({"x_test": np.zeros((2, 2)), "y_test": [0.5, 1]}, r"y_test\[0\] is 0.5: .*classification only"),
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
        "mine: tokens, 24 rows of 4 tokens of 7, 2 classes; 6 more are the sealed test"
    )
    assert "tabular, 24 rows of 4, 2 classes" in from_arrays("mine", x, y, modality="tabular").summary
