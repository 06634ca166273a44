"""Columns: how those of a table become features, and what is said of each.

A number stays a number; a text becomes a one-hot column a value, which a linear layer reads as an embedding. What
there is to know of a column (its values, whether it is constant) is learnt from the development rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

from spaces.errors import InvalidInput
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

Features = list[NDArray[np.float32]]


def encode(
    table: pd.DataFrame, development: NDArray[np.int64], starts: Sequence[int] = ()
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """The features `(n, features)` of a table without its target, NaN where a number is missing, and a line a column.

    Args:
        table: `n` rows.
        development: rows that are not the sealed test.
        starts: rows at which another table begins that was joined to the first: row numbers may begin anew there.

    Raises:
        InvalidInput: a column holds something else than numbers, booleans or text, or no column is of use.
    """
    features: Features = []
    notes = []
    for name in table.columns:
        encoded, note = _encoded(table[name], development, starts)
        features += encoded
        notes.append(f"{name!r}: {note}")
    if not features:
        found = "; ".join(notes) or "there is none"
        raise InvalidInput(
            f"no column beside the target is of use ({found}): expected one whose values tell rows apart"
        )
    return np.stack(features, axis=1), tuple(notes)


def kind_of(column: pd.Series) -> str:
    """`"number"`, `"text"`, `"dates"`, or what else pandas finds in a column."""
    found = infer_dtype(column, skipna=True)
    if found in _TEXTS:
        texts = column.dropna().astype(str)
        return "dates" if len(texts) and texts.str.fullmatch(_ISO_DATE).all() else "text"
    return "number" if found in _NUMBERS else "dates" if found in _DATES else f"{found} values"


def _encoded(column: pd.Series, development: NDArray[np.int64], starts: Sequence[int]) -> tuple[Features, str]:
    kind = kind_of(column)
    if kind not in ("number", "text"):
        advice = ", such as a year or a number of days" if kind == "dates" else ""
        raise InvalidInput(f"column {column.name!r} holds {kind}: expected numbers, booleans or text{advice}")
    is_number = kind == "number"
    features, note = _numbers(column, development, starts) if is_number else _one_hot(column, development)
    missing = column.isna().to_numpy()
    if missing[development].any() and not missing[development].all():
        features.append(missing.astype(np.float32))
        note += f"; with {str(column.name) + ' is missing'!r}"
    return features, note


def _numbers(column: pd.Series, development: NDArray[np.int64], starts: Sequence[int]) -> tuple[Features, str]:
    wide = column.to_numpy(dtype=np.float64, na_value=np.nan)
    beyond = np.abs(wide) > LIMIT
    if beyond.any():
        row = int(beyond.argmax())
        raise InvalidInput(f"column {column.name!r} holds {wide[row]} in row {row + 1}: expected finite numbers")
    known = wide[development][~np.isnan(wide[development])]
    if len(known) == 0 or np.ptp(known) <= _ROUNDING * np.abs(known).max():
        return [], _constant(len(known))
    if np.isin(np.flatnonzero(np.diff(wide) != 1) + 1, starts).all():
        return [], "left out, it numbers the rows"
    if is_rounded_away(known):
        mean = known.mean()
        return [(wide - mean).astype(np.float32)], f"a number, less {mean:.10g}, beside which float32 rounds it away"
    return [wide.astype(np.float32)], "a number"


def _one_hot(column: pd.Series, development: NDArray[np.int64]) -> tuple[Features, str]:
    texts = column.astype(str).astype(object).where(column.notna())
    known = texts.iloc[development].dropna()
    counts = known.value_counts()
    if len(counts) < 2:
        return [], _constant(len(counts))
    if len(counts) > IDENTIFIER_SHARE * len(known):
        return [], f"left out, {len(counts):,} different texts in {len(known):,} rows"
    ranked = sorted(counts.index, key=lambda text: (-counts[text], text))
    kept = ranked[:MOST_VALUES]
    places = texts.map({text: place for place, text in enumerate(kept)}).to_numpy()  # NaN for any other
    others = f", zeros for {len(ranked) - len(kept):,} rarer" if len(ranked) > len(kept) else ""
    return [(places == place).astype(np.float32) for place in range(len(kept))], f"one-hot, {len(kept)} values{others}"


def _constant(values: int) -> str:
    return "left out, it has one value only" if values else "left out, it has no value"
