"""Columns: how those of a table become features, and what is said of each.

A number stays a number; a text becomes a one-hot column a value, which a linear layer reads as an embedding. What
there is to know of a column (its values, whether it is constant) is learnt from the development rows alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

from spaces.errors import InvalidInput
from workers.datasets.column import Column, GapColumn, NumberColumn, TextColumn
from workers.datasets.features import LIMIT, is_rounded_away

MOST_VALUES = 32
"""Values of a text column that get a feature each; rows with another value have zeros in all of them."""

IDENTIFIER_SHARE = 0.9
"""A text column with more different values than this share of its rows tells rows apart, not classes."""

_ROUNDING = 1e-12
"""Share of a column's largest number that its numbers may differ by and still be one, since float64 rounds sums."""

_NUMBERS = ("boolean", "integer", "floating", "mixed-integer-float", "decimal", "empty")
_TEXTS = ("string", "categorical")
_DATES = ("datetime64", "datetime", "date", "timedelta64", "timedelta", "time", "period")
_ISO_DATE = r"\s*\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?\s*"


def encode(
    table: pd.DataFrame, development: NDArray[np.int64], starts: Sequence[int] = ()
) -> tuple[NDArray[np.float32], tuple[Column, ...], tuple[str, ...]]:
    """What the columns of a table without its target become.

    Args:
        table: `n` rows.
        development: rows that are not the sealed test.
        starts: rows at which another table begins that was joined to the first: row numbers may begin anew there.

    Returns:
        The features `(n, features)`, NaN where a number is missing; the columns of use, which make them of rows to
        come; and a line a column of what was done.

    Raises:
        InvalidInput: a column holds something else than numbers, booleans or text, or no column is of use.
    """
    features: list[NDArray[np.float32]] = []
    columns, notes = [], []
    for name in table.columns:
        column, note = _learnt(table[name], development, starts)
        notes.append(f"{name!r}: {note}")
        if column is not None:
            columns.append(column)
            features += _features(column, table[name])
    if not features:
        found = "; ".join(notes) or "there is none"
        raise InvalidInput(
            f"no column beside the target is of use ({found}): expected one whose values tell rows apart"
        )
    return np.stack(features, axis=1), tuple(columns), tuple(notes)


def kind_of(column: pd.Series) -> str:
    """`"number"`, `"text"`, `"dates"`, or what else pandas finds in a column."""
    found = infer_dtype(column, skipna=True)
    if found in _TEXTS:
        texts = column.dropna().astype(str)
        return "dates" if len(texts) and texts.str.fullmatch(_ISO_DATE).all() else "text"
    return "number" if found in _NUMBERS else "dates" if found in _DATES else f"{found} values"


def _learnt(column: pd.Series, development: NDArray[np.int64], starts: Sequence[int]) -> tuple[Column | None, str]:
    """What the column becomes, `None` where it is of no use, and what there is to say of it."""
    kind = kind_of(column)
    if kind not in ("number", "text"):
        advice = ", such as a year or a number of days" if kind == "dates" else ""
        raise InvalidInput(f"column {column.name!r} holds {kind}: expected numbers, booleans or text{advice}")
    is_number = kind == "number"
    learnt, note = _number(column, development, starts) if is_number else _text(column, development)
    missing = column.isna().to_numpy()[development]
    if not missing.any() or missing.all():
        return learnt, note
    told = GapColumn(str(column.name)) if learnt is None else replace(learnt, tells_missing=True)
    return told, f"{note}; with {str(column.name) + ' is missing'!r}"


def _features(learnt: Column, column: pd.Series) -> list[NDArray[np.float32]]:
    return learnt.features(_wide(column) if isinstance(learnt, NumberColumn) else _texts(column))


def _number(
    column: pd.Series, development: NDArray[np.int64], starts: Sequence[int]
) -> tuple[NumberColumn | None, str]:
    wide = _wide(column)
    beyond = np.abs(wide) > LIMIT
    if beyond.any():
        row = int(beyond.argmax())
        raise InvalidInput(f"column {column.name!r} holds {wide[row]} in row {row + 1}: expected finite numbers")
    known = wide[development][~np.isnan(wide[development])]
    if len(known) == 0 or np.ptp(known) <= _ROUNDING * np.abs(known).max():
        return None, _constant(len(known))
    if np.isin(np.flatnonzero(np.diff(wide) != 1) + 1, starts).all():
        return None, "left out, it numbers the rows"
    if is_rounded_away(known):
        mean = float(known.mean())
        note = f"a number, less {mean:.10g}, beside which float32 rounds it away"
        return NumberColumn(str(column.name), mean), note
    return NumberColumn(str(column.name)), "a number"


def _text(column: pd.Series, development: NDArray[np.int64]) -> tuple[TextColumn | None, str]:
    texts = _texts(column)
    counts = Counter(texts[row] for row in development if texts[row] is not None)
    if len(counts) < 2:
        return None, _constant(len(counts))
    if len(counts) > IDENTIFIER_SHARE * counts.total():
        return None, f"left out, {len(counts):,} different texts in {counts.total():,} rows"
    ranked = sorted(counts, key=lambda text: (-counts[text], text))
    kept = tuple(ranked[:MOST_VALUES])
    others = f", zeros for {len(ranked) - len(kept):,} rarer" if len(ranked) > len(kept) else ""
    return TextColumn(str(column.name), kept), f"one-hot, {len(kept)} values{others}"


def _wide(column: pd.Series) -> Any:
    """The numbers `(n,)`, NaN where one is missing."""
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _texts(column: pd.Series) -> list[str | None]:
    """The texts, `None` where one is missing."""
    return [None if missing else text for text, missing in zip(column.astype(str), column.isna(), strict=True)]


def _constant(values: int) -> str:
    return "left out, it has one value only" if values else "left out, it has no value"
