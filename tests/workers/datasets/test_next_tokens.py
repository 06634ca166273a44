"""Tokens that are predicted themselves: what is stored, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spaces.errors import InvalidInput
from spaces.shapes import Grid, Kind, Task
from workers.datasets import divide, from_arrays

IDS = np.random.default_rng(0).integers(1, 9, (30, 6))
LENGTHS = np.arange(30) % 5 + 2


def test_each_token_is_followed_by_what_is_predicted() -> None:
    """Without y_train; all ids of a row but the last are read, and all but the first are predicted."""
    dataset = from_arrays("set", IDS, None, IDS[:4], None)

    np.testing.assert_array_equal(dataset.x, IDS[:, :-1])
    np.testing.assert_array_equal(dataset.y, IDS[:, 1:])
    np.testing.assert_array_equal(dataset.y_test, IDS[:4, 1:])
    assert (dataset.y.dtype, dataset.y.flags.c_contiguous) == (np.int64, True)
    assert (dataset.task, dataset.labels) == (Task(Grid((5,), 1), 9, 9, Kind.NEXT_TOKEN), ())
    assert (dataset.metric.name, dataset.metric.worst, dataset.lengths) == ("perplexity", 9, None)


def test_an_id_that_only_ends_a_row_is_in_the_vocabulary() -> None:
    """It is predicted, though never read."""
    ids = IDS.copy()
    ids[7, -1] = 40

    assert from_arrays("set", ids, None).task.vocabulary == 41


def test_rows_that_end_early_are_one_shorter_and_zero_behind_their_end() -> None:
    """In what is read and in what is predicted, whatever stood in the padding."""
    dataset = from_arrays("set", IDS, None, IDS, None, lengths=LENGTHS, lengths_test=LENGTHS)

    assert dataset.lengths.tolist() == (LENGTHS - 1).tolist()
    for x, y, ids, length in zip(dataset.x, dataset.y, IDS, LENGTHS, strict=True):
        assert x.tolist() == [*ids[: length - 1], *[0] * (6 - length)]
        assert y.tolist() == [*ids[1:length], *[0] * (6 - length)]


def test_a_share_is_sealed_and_the_rest_divided() -> None:
    """Always the same rows, each in one part."""
    ids = np.concatenate([np.arange(30)[:, None], IDS], axis=1)
    dataset, again = from_arrays("set", ids, None), from_arrays("set", ids, None, task="next-token")

    assert np.sort(np.concatenate([dataset.x, dataset.x_test])[:, 0]).tolist() == list(range(30))
    assert dataset.fingerprint == again.fingerprint
    assert (len(dataset.y_test), len(divide(dataset.y, 0).search)) == (6, 4)


@pytest.mark.parametrize(
    ("x", "given", "line"),
    [
        (IDS, {"y": IDS[:, 0], "task": "next_token"}, "found y_train with task 'next_token': expected x_train alone"),
        (IDS, {"x_test": IDS, "y_test": IDS}, "found y_test without y_train: expected both or neither"),
        (IDS, {"task": "classification"}, "y_train missing: expected one for task 'classification'"),
        (IDS + 0.5, {}, "x_train is 2-D float64, modality 'tabular', without y_train: expected y_train, or integer"),
        (IDS, {"modality": "tabular"}, "x_train is 2-D int64, modality 'tabular', without y_train"),
        (IDS[:, :1], {}, "x_train has one token a row: expected at least two, of which the second is predicted"),
        (IDS, {"lengths": LENGTHS - 1}, r"length_train\[0\] is 1: expected at least 2 tokens, of which the second"),
        (IDS[:24], {}, r"x_train has 24 rows: expected at least 25 \(20 to develop and 5 for the sealed test\), or an"),
        (IDS * 0, {}, "every feature of x_train is constant"),
        (IDS - 5, {}, r"x_train\[\d+, \d+\] is -\d: expected token ids"),
    ],
)
def test_rows_that_cannot_be_predicted_are_refused(x: np.ndarray, given: dict[str, Any], line: str) -> None:
    """One line says what was found and expected."""
    with pytest.raises(InvalidInput, match=f"^set: {line}"):
        from_arrays("set", x, **{"y": None, **given})
