"""Parts: the rows that came together, the development rows or the sealed test, as given and as stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spaces.errors import InvalidInput
from spaces.shapes import Kind
from workers.datasets.features import channel_last, checked_features
from workers.datasets.labels import checked_labels, class_indices
from workers.datasets.lengths import checked_lengths, data_mask, without_padding
from workers.datasets.targets import checked_targets
from workers.datasets.tokens import check_predictable, token_ids

Values = NDArray[np.float32] | NDArray[np.int64]
"""Rows as they are stored: numbers `(n, *positions, channels)` or tokens `(n, steps)`."""

Targets = NDArray[np.int64] | NDArray[np.float32]
"""What is predicted of each row: class indices `(n,)`, float32 numbers `(n,)` or int64 tokens `(n, steps)`."""


@dataclass(frozen=True, eq=False)
class Part:
    """Rows as they are stored.

    Attributes:
        x: numbers or tokens, zero in the padding.
        y: what is predicted of them; of tokens those that follow each, zero in the padding as well.
        lengths: steps of each row that hold data, `(n,)`; `None` where all do.
    """

    x: Values
    y: Targets
    lengths: NDArray[np.int64] | None

    def take(self, rows: NDArray[np.int64]) -> Part:
        """Copies of these rows."""
        return Part(self.x[rows], self.y[rows], None if self.lengths is None else self.lengths[rows])

    @property
    def padded(self) -> bool:
        """Whether a row ends before its last step."""
        return self.lengths is not None and bool((self.lengths < self.x.shape[1]).any())

    @property
    def varies_in_length(self) -> bool:
        """Whether rows differ in length, which alone may tell them apart."""
        return self.lengths is not None and bool((self.lengths != self.lengths[0]).any())


@dataclass(frozen=True, eq=False)
class Given:
    """Rows as the user gave them.

    Attributes:
        part: `"train"` or `"test"`; messages call the arrays `x_train` and so on.
        x: an array of real numbers that is not empty.
        y: one class label or one float32 number a row; `None` where tokens are predicted.
        lengths: what was given as their lengths, not checked yet.
    """

    part: str
    x: NDArray[np.generic]
    y: NDArray[np.generic] | None
    lengths: ArrayLike | None

    @classmethod
    def checked(cls, part: str, x: ArrayLike, y: ArrayLike | None, lengths: ArrayLike | None, kind: Kind) -> Given:
        """Rows with what the kind of task predicts of each.

        Raises:
            InvalidInput: an array is not usable, whatever the modality.
        """
        features = checked_features(f"x_{part}", x)
        if y is None:
            return cls(part, features, None, lengths)
        targets = (checked_targets if kind is Kind.REGRESSION else checked_labels)(f"y_{part}", y)
        if len(features) != len(targets):
            what = "number" if kind is Kind.REGRESSION else "label"
            raise InvalidInput(
                f"x_{part} has {len(features)} rows and y_{part} {len(targets)} {what}s: expected one {what} a row"
            )
        return cls(part, features, targets, lengths)

    def check_like(self, train: Given) -> None:
        """Refuses test rows of another shape than the train rows', or that have lengths where those have none."""
        if self.x.shape[1:] != train.x.shape[1:]:
            expected = ", ".join(str(extent) for extent in ("n", *train.x.shape[1:]))
            raise InvalidInput(f"x_test has shape {self.x.shape}: expected ({expected}), as x_train has")
        if (self.lengths is None) != (train.lengths is None):
            found, missing = ("train", "test") if self.lengths is None else ("test", "train")
            raise InvalidInput(f"found length_{found} without length_{missing}: expected both or neither")

    def stored(self, modality: str, classes: tuple[str, ...], may_miss: bool) -> Part:
        """The rows as networks read them; `classes` are those of y_train, none where it has none.

        What stands behind the end of a row is dropped before the values are checked, so padding may be anything. NaN is
        taken for a missing number where there `may_miss` be some.

        Raises:
            InvalidInput: a length or a value is not usable.
        """
        x, lengths = self.x, None
        if self.lengths is not None:
            lengths = checked_lengths(f"length_{self.part}", self.lengths, x.shape, modality)
            x = without_padding(x, lengths)
        array = f"x_{self.part}"
        values = token_ids(array, x) if modality == "tokens" else channel_last(array, x, modality, may_miss)
        if self.y is None:
            return _shifted(self.part, cast(NDArray[np.int64], values), lengths)
        y = class_indices(self.y, classes) if classes else cast(NDArray[np.float32], self.y)
        return Part(values, y, lengths)


def _shifted(part: str, ids: NDArray[np.int64], lengths: NDArray[np.int64] | None) -> Part:
    """Tokens `(n, steps - 1)` and beside each the one that follows it; the last of a row is followed by none."""
    check_predictable(part, ids, lengths)
    rows = Part(ids[:, :-1].copy(), ids[:, 1:].copy(), None if lengths is None else lengths - 1)
    if rows.lengths is not None:
        rows.x[~data_mask(rows.lengths, rows.x.shape[1])] = 0  # the last token of a row that ends early
    return rows
