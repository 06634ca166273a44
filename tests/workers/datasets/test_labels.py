"""The array y: class labels, their order and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spaces.errors import InvalidInput
from workers.datasets import Dataset, from_arrays

X = np.random.default_rng(0).normal(size=(20, 3))
Y = np.arange(20) % 2


def labelled(y: Any, y_test: Any = None) -> Dataset:
    """A set in which the sealed test is given, so that no row moves."""
    return from_arrays("set", X, y, X[:4], y[:4] if y_test is None else y_test)


@pytest.mark.parametrize(
    ("zero", "one", "labels"),
    [
        (-3, 10, ("-3", "10")),
        (np.uint8(0), np.uint8(255), ("0", "255")),
        (2.0, 10.0, ("2", "10")),
        (False, True, ("False", "True")),
        ("cat", "dog", ("cat", "dog")),
        ("ä".encode(), b"\xff", ("\\xff", "ä")),
    ],
)
def test_labels_keep_the_users_values(zero: Any, one: Any, labels: tuple[str, ...]) -> None:
    """Integers, whole floats, booleans, strings and bytes become 0 … K-1 in their own order, and remain readable."""
    y = np.array([zero, one] * 10)
    dataset = labelled(y)

    assert dataset.labels == labels
    assert (dataset.y.dtype, dataset.y.shape) == (np.int64, (20,))
    assert sorted(set(dataset.y.tolist())) == [0, 1]
    assert (dataset.y == dataset.y[0]).tolist() == [True, False] * 10


def test_integers_sort_as_numbers() -> None:
    """Class 2 comes before class 10."""
    dataset = labelled(np.array([10, 2, 2, 10] * 5))

    assert dataset.labels == ("2", "10")
    assert dataset.y[:4].tolist() == [1, 0, 0, 1]


def test_a_test_may_lack_a_class() -> None:
    """Indices of y_test are those of y_train, also where y_test does not show every class."""
    assert labelled(np.array(["a", "b"] * 10), np.array(["b"] * 4)).y_test.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("y", "line"),
    [
        (
            np.where(np.arange(20) == 6, np.nan, Y),
            r"y_train\[6\] is nan: expected whole numbers, .* or task 'regression'",
        ),
        (np.where(np.arange(20) == 6, np.inf, Y).astype(np.float16), r"y_train\[6\] is inf: expected whole numbers"),
        (np.where(np.arange(20) == 6, 1e300, Y), r"y_train\[6\] is 1e\+300"),
        (Y[:, None], r"y_train is 2-D, shape \(20, 1\): expected 1-D"),
        (np.float32(1), r"y_train is 0-D, shape \(\)"),
        (Y.astype(object), r"y_train has dtype object: expected integer, string or boolean"),
        (Y.astype(complex), r"y_train has dtype complex128"),
        (Y.astype("datetime64[s]"), r"y_train has dtype datetime64"),
        (np.ndarray(20, "S0"), r"y_train has dtype \|S0"),
        ([[0], [1, 2]], r"y_train is ragged"),
        (Y[:19], r"x_train has 20 rows and y_train 19 labels: expected one label a row"),
        (Y[:0], r"x_train has 20 rows and y_train 0 labels"),
        (np.array(["cat", "dog", ""] * 7)[:20], r"y_train\[2\] is blank: expected a class label in every row"),
        (np.array([b"cat", b" \t"] * 10), r"y_train\[1\] is blank"),
        (Y * 0 + 7, r"y_train has one class only, '7': expected at least two classes"),
    ],
)
def test_labels_that_tell_no_classes_are_refused(y: Any, line: str) -> None:
    """Gaps, wrong shapes, wrong types and single classes are named, with the first row at fault."""
    with pytest.raises(InvalidInput, match=f"^set: {line}"):
        from_arrays("set", X, y)


def test_a_class_that_only_the_test_has_can_never_be_right() -> None:
    """Its rows stay in the sealed test as -1, which is told; the classes are those of y_train."""
    y_test = np.array(["a", "c", "b", "a", "b"] * 2)
    dataset = from_arrays("set", X, np.array(["a", "b"] * 10), X[:10], y_test)

    assert dataset.labels == ("a", "b")
    assert dataset.y_test.tolist() == [0, -1, 1, 0, 1] * 2
    unseen = "a class that no training row has: counted as wrong, in auroc as of no class"
    assert dataset.notes == (f"2 of 10 test rows have {unseen}",)
    one = from_arrays("set", X, np.array(["a", "b"] * 10), X[:5], y_test[:5])
    assert one.notes == (f"1 of 5 test rows has {unseen}",)


def test_a_test_of_other_classes_is_refused() -> None:
    """More than a fifth of its rows: the line names the first label, its row and the classes that y_train has."""
    line = (
        r"^set: y_test\[2\] is 'c', and 1 of 4 rows have a class that .*: expected one of \['a', 'b'\] in 80% of all$"
    )
    with pytest.raises(InvalidInput, match=line):
        labelled(np.array(["a", "b"] * 10), np.array(["a", "b", "c", "b"]))


def test_whole_numbers_that_are_rarely_the_same_may_be_meant_as_numbers() -> None:
    """The line says so where most classes are too small and all are numbers, and nowhere else."""
    for y, is_told in ((np.arange(20), True), ([f"name {row}" for row in range(20)], False), ([0] * 18 + [1, 2], True)):
        with pytest.raises(InvalidInput) as caught:
            from_arrays("set", X, y)
        assert str(caught.value).endswith("; or task 'regression', if these are numbers to predict") == is_told


def test_many_and_long_labels_still_make_one_short_line() -> None:
    """A message shows a few classes and the beginning of a long label, on one line."""
    y = np.array([f"class\n{place}" for place in range(4)] * 5)
    with pytest.raises(InvalidInput) as caught:
        labelled(y, np.array(["x" * 10_000 + "\n", *y[:3]]))

    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)
