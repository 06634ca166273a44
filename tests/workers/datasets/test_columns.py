"""Columns of a table as features."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from spaces.errors import InvalidInput
from workers.datasets.columns import IDENTIFIER_SHARE, MOST_VALUES, encode

BESIDE = [1.0, 5.0, 2.0]
"""A column that is always of use."""


def encoded(column: Any, sealed: int = 0) -> tuple[np.ndarray, str]:
    """Features and note of a column that stands beside another; the last rows are the sealed ones."""
    column = pd.Series(column)
    beside = np.resize(BESIDE, len(column))
    x, _, notes = encode(pd.DataFrame({"beside": beside, "it": column}), np.arange(len(column) - sealed))
    np.testing.assert_array_equal(x[:, 0], beside.astype(np.float32))
    assert x.dtype == np.float32
    assert notes[0] == "'beside': a number"
    assert notes[1].startswith("'it': ")
    return x[:, 1:], notes[1].removeprefix("'it': ")


@pytest.mark.parametrize(
    "column",
    [[3, -1, 7], [0.5, -1.25, 3.0], pd.Series([3, 0, 7], dtype="uint8"), [Decimal("0.5"), Decimal(2), Decimal(2)]],
)
def test_numbers_stay_numbers(column: Any) -> None:
    """Whole numbers, fractions and decimals are one feature as they are."""
    x, note = encoded(column)
    assert x.tolist() == [[float(value)] for value in column]
    assert note == "a number"


def test_booleans_become_zero_and_one() -> None:
    """With and without missing ones, which are NaN and have an indicator."""
    assert encoded([True, False, True])[0].tolist() == [[1], [0], [1]]
    x, note = encoded(pd.Series([True, None, False], dtype=object))
    np.testing.assert_array_equal(x, [[1, 0], [np.nan, 1], [0, 0]])
    assert note == "a number; with 'it is missing'"


def test_a_missing_number_stays_missing_and_is_told() -> None:
    """NaN stays for the standardization of each division, a second feature says where it is."""
    x, note = encoded([4.0, np.nan, 2.0])
    np.testing.assert_array_equal(x, [[4, 0], [np.nan, 1], [2, 0]])
    assert note == "a number; with 'it is missing'"


def test_what_only_sealed_rows_miss_has_no_indicator() -> None:
    """It would be constant wherever something is learnt."""
    assert encoded([4.0, 3.0, np.nan], sealed=1)[0].shape == (3, 1)
    x, _ = encoded(["a", "b", "a", "b", None], sealed=1)
    assert x.tolist() == [[1, 0], [0, 1], [1, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_texts_become_one_hot(dtype: str) -> None:
    """A feature each, the most frequent first and by name among equals; missing is a value of its own."""
    x, note = encoded(pd.Series(["b", "c", None, "a", "c", "b", "a", "c"], dtype=dtype))
    c, a, b, missing = [0, 1, 0, 0, 1, 0, 0, 1], [0, 0, 0, 1, 0, 0, 1, 0], [1, 0, 0, 0, 0, 1, 0, 0], [0, 0, 1] + [0] * 5
    assert x.T.tolist() == [c, a, b, missing]
    assert note == "one-hot, 3 values; with 'it is missing'"


def test_categories_that_are_numbers_are_one_hot_too() -> None:
    """Whoever calls a column categorical means it."""
    assert encoded(pd.Series([7, 5, 7, 5], dtype="category"))[0].tolist() == [[0, 1], [1, 0], [0, 1], [1, 0]]


def test_rare_values_are_zeros() -> None:
    """The 32 most frequent of the development rows have a feature; a value of sealed rows alone has none."""
    common = [f"v{i}" for i in range(MOST_VALUES)]
    x, note = encoded([*common * 2, "rare", "v0", "rare", "sealed", "sealed", "sealed"], sealed=4)
    assert x.shape[1] == MOST_VALUES
    assert x[: 2 * MOST_VALUES].sum(axis=1).tolist() == [1] * 2 * MOST_VALUES
    assert x[2 * MOST_VALUES].tolist() == [0] * MOST_VALUES
    assert x[-3:].tolist() == [[0] * MOST_VALUES] * 3
    assert x[2 * MOST_VALUES + 1].sum() == 1
    assert note == "one-hot, 32 values, zeros for 1 rarer"


@pytest.mark.parametrize(
    "column", [[7, 7, 7, 9], [0.1, 0.1, 0.1, 2.0], ["a", "a", "a", "b"], [True, True, True, False]]
)
def test_a_constant_column_is_left_out(column: list[Any]) -> None:
    """Constant over the development rows, whatever the sealed one holds."""
    assert encoded(column, sealed=1)[0].shape[1] == 0
    assert encoded(column, sealed=1)[1] == "left out, it has one value only"
    assert encoded(column)[0].shape[1] > 0


@pytest.mark.parametrize("column", [[7, None, 7], ["a", None, "a"]])
def test_of_one_value_with_gaps_the_gaps_are_kept(column: list[Any]) -> None:
    """The value tells nothing beside whether it is there."""
    x, note = encoded(column)
    assert x.tolist() == [[0], [1], [0]]
    assert note == "left out, it has one value only; with 'it is missing'"


@pytest.mark.parametrize("column", [[None, None, None], [np.nan, np.nan, np.nan], pd.Series([None] * 3, dtype="str")])
def test_a_column_without_values_is_left_out(column: Any) -> None:
    """There is nothing to say, and its indicator would be constant."""
    x, note = encoded(column)
    assert x.shape[1] == 0
    assert note == "left out, it has no value"


def test_identifiers_are_left_out() -> None:
    """Texts that differ in nearly every development row; one that repeats a little more is kept."""
    rows = 20
    most = int(IDENTIFIER_SHARE * rows)
    for different, features in ((rows, 0), (most + 1, 0), (most, most)):
        x, note = encoded([f"n{i % different}" for i in range(rows)])
        assert x.shape[1] == features
        assert ("left out" in note) == (features == 0)
    assert encoded([f"n{i}" for i in range(rows)])[1] == "left out, 20 different texts in 20 rows"


def test_row_numbers_are_left_out() -> None:
    """A file that is sorted by its classes would give them away; other whole numbers are kept."""
    assert encoded([5, 6, 7, 8])[1] == "left out, it numbers the rows"
    assert encoded([5, 7, 6, 8])[1] == "a number"


def test_row_numbers_of_joined_tables_are_left_out() -> None:
    """They may begin anew, from any number, where a table begins and nowhere else."""
    table = pd.DataFrame({"beside": np.resize(BESIDE, 7), "it": [0, 1, 2, 3, 0, 1, 2]})
    for starts, features in (((4, 7), 1), ((3,), 2), ((), 2)):
        assert encode(table, np.arange(7), starts)[0].shape == (7, features)


def test_a_column_with_a_large_offset_keeps_its_differences() -> None:
    """Unix seconds within an hour, less the mean of the development rows: float32 alone tells them to two minutes."""
    seconds = 1_700_000_000 + np.arange(0, 3600, 36) ** 2 / 3600
    x, note = encoded(seconds, sealed=20)
    np.testing.assert_allclose(x[:, 0] - x[0, 0], seconds - seconds[0], atol=1e-3)
    assert x[:80].mean() == pytest.approx(0, abs=1e-3)
    assert note == f"a number, less {seconds[:80].mean():.10g}, beside which float32 rounds it away"
    assert encoded(seconds * 1e6)[1].startswith("a number, less")
    assert encoded([0.3, 0.1 + 0.2, 0.3])[1] == "left out, it has one value only"


@pytest.mark.parametrize(
    ("column", "holds"),
    [
        (pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-01"]), "dates"),
        ([datetime.date(2020, 1, 1)] * 3, "dates"),
        (pd.to_timedelta([1, 2, 3], unit="s"), "dates"),
        (["2020-01-01", "2020-02-01 12:30", "2020-02-01T12:30:00.5Z"], "dates"),
        ([[1], [2], [3]], "mixed values"),
        ([b"a", b"b", b"c"], "bytes values"),
        ([1j, 2j, 3j], "complex values"),
    ],
)
def test_other_columns_are_refused(column: Any, holds: str) -> None:
    """The line names the column, what it holds and what is expected."""
    with pytest.raises(InvalidInput, match=rf"^column 'it' holds {holds}: expected numbers, booleans or text"):
        encoded(column)


def test_texts_that_are_no_dates_are_texts() -> None:
    """One value that is none is enough."""
    assert encoded(["2020-01-01", "2020-01-01", "never", "never"])[1] == "one-hot, 2 values"


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39])
def test_infinite_numbers_are_refused(value: float) -> None:
    """With column and row, counted from one."""
    with pytest.raises(InvalidInput, match=r"^column 'it' holds .* in row 2: expected finite numbers"):
        encoded([1.0, value, 3.0])


def test_a_table_of_nothing_is_refused() -> None:
    """If every column is left out, the line says why each was."""
    with pytest.raises(InvalidInput, match=r"no column beside the target is of use \('a': left out, it has one value"):
        encode(pd.DataFrame({"a": [1, 1]}), np.arange(2))
    with pytest.raises(InvalidInput, match=r"no column beside the target is of use \(there is none\)"):
        encode(pd.DataFrame(index=range(2)), np.arange(2))
