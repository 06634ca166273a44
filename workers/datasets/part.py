"""Parts: the rows that came together, the development rows or the sealed test, as given and as stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from workers.datasets.features import channel_last, checked_features
from workers.datasets.labels import checked_labels, class_indices
from workers.datasets.lengths import checked_lengths, without_padding
from workers.datasets.tokens import token_ids

Values = NDArray[np.float32] | NDArray[np.int64]
"""Rows as they are stored: numbers `(n, *positions, channels)` or tokens `(n, steps)`."""


@dataclass(frozen=True, eq=False)
class Part:
    """Rows as they are stored.

    Attributes:
        x: numbers or tokens, zero in the padding.
        y: their class indices, `(n,)`.
        lengths: steps of each row that hold data, `(n,)`; `None` where all do.
    """

    x: Values
    y: NDArray[np.int64]
    lengths: NDArray[np.int64] | None

    def take(self, rows: NDArray[np.int64]) -> Part:
        """Copies of these rows."""
        return Part(self.x[rows], self.y[rows], None if self.lengths is None else self.lengths[rows])

    @property
    def padded(self) -> bool:
        """Whether a row ends before its last step."""
        return self.lengths is not None and bool((self.lengths < self.x.shape[1]).any())


@dataclass(frozen=True, eq=False)
class Given:
    """Rows as the user gave them.

    Attributes:
        part: `"train"` or `"test"`; messages call the arrays `x_train` and so on.
        x: an array of real numbers that is not empty.
        y: one class label a row.
        lengths: what was given as their lengths, not checked yet.
    """

    part: str
    x: NDArray[np.generic]
    y: NDArray[np.generic]
    lengths: ArrayLike | None

    @classmethod
    def checked(cls, part: str, x: ArrayLike, y: ArrayLike, lengths: ArrayLike | None) -> Given:
        """Rows with one label each.

        Raises:
            InvalidInput: an array is not usable, whatever the modality.
        """
        features, labels = checked_features(f"x_{part}", x), checked_labels(f"y_{part}", y)
        if len(features) != len(labels):
            raise InvalidInput(
                f"x_{part} has {len(features)} rows and y_{part} {len(labels)} labels: expected one label a row"
            )
        return cls(part, features, labels, lengths)

    def check_like(self, train: Given) -> None:
        """Refuses test rows of another shape than the train rows', or that have lengths where those have none."""
        if self.x.shape[1:] != train.x.shape[1:]:
            expected = ", ".join(str(extent) for extent in ("n", *train.x.shape[1:]))
            raise InvalidInput(f"x_test has shape {self.x.shape}: expected ({expected}), as x_train has")
        if (self.lengths is None) != (train.lengths is None):
            found, missing = ("train", "test") if self.lengths is None else ("test", "train")
            raise InvalidInput(f"found length_{found} without length_{missing}: expected both or neither")

    def stored(self, modality: str, classes: tuple[str, ...], may_miss: bool) -> Part:
        """The rows as networks read them.

        What stands behind the end of a row is dropped before the values are checked, so padding may be anything. NaN is
        taken for a missing number where there `may_miss` be some.

        Raises:
            InvalidInput: a length, a value or a label is not usable.
        """
        x, lengths = self.x, None
        if self.lengths is not None:
            lengths = checked_lengths(f"length_{self.part}", self.lengths, x.shape, modality)
            x = without_padding(x, lengths)
        array = f"x_{self.part}"
        values = token_ids(array, x) if modality == "tokens" else channel_last(array, x, modality, may_miss)
        return Part(values, class_indices(f"y_{self.part}", self.y, classes), lengths)
