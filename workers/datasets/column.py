"""Column: how one column of a table becomes features, as learnt from the development rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, or of booleans as 0 and 1.

    Attributes:
        name: of the column.
        offset: subtracted in float64, where float32 would round the numbers away beside it; else 0.
        tells_missing: whether a feature more is 1 where the number is missing, and 0 elsewhere.
    """

    kind: ClassVar[str] = "number"
    name: str
    offset: float = 0.0
    tells_missing: bool = False

    def features(self, values: Sequence[Any]) -> list[NDArray[np.float32]]:
        """The features of `n` numbers, each `(n,)`; NaN, missing, stays for the standardization."""
        numbers = np.asarray(values, dtype=np.float64)
        gaps = [np.isnan(numbers).astype(np.float32)] if self.tells_missing else []
        return [(numbers - self.offset).astype(np.float32), *gaps]


@dataclass(frozen=True)
class TextColumn:
    """A column of texts: a feature a value, 1 where it stands; any other text has zeros in all of them.

    Attributes:
        name: of the column.
        values: the texts that have a feature, in their order.
        tells_missing: whether a feature more is 1 where the text is missing, and 0 elsewhere.
    """

    kind: ClassVar[str] = "text"
    name: str
    values: tuple[str, ...]
    tells_missing: bool = False

    def features(self, values: Sequence[Any]) -> list[NDArray[np.float32]]:
        """The features of `n` texts, each `(n,)`; `None` is a missing one."""
        place = {value: index for index, value in enumerate(self.values)}
        places = np.array([-1 if text is None else place.get(text, -1) for text in values])
        one_hot = [(places == index).astype(np.float32) for index in range(len(self.values))]
        return [*one_hot, *(_gaps(values) if self.tells_missing else [])]


@dataclass(frozen=True)
class GapColumn:
    """A column that has one value only, of which all that counts is whether it is there.

    Attributes:
        name: of the column.
    """

    kind: ClassVar[str] = "gaps"
    name: str

    def features(self, values: Sequence[Any]) -> list[NDArray[np.float32]]:
        """The one feature of `n` values, `(n,)`: 1 where it is missing, `None` or NaN."""
        return _gaps(values)


Column: TypeAlias = NumberColumn | TextColumn | GapColumn


def _gaps(values: Sequence[Any]) -> list[NDArray[np.float32]]:
    return [np.array([value is None or value != value for value in values], dtype=np.float32)]
