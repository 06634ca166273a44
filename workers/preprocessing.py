"""Preprocessing: what was done to the rows before a network read them, as constants that can leave with it.

`Preprocessing.to_json` is the content of every export's `preprocessing.json`:

    {"schema": 1,
     "modality": "image" | "series" | "tokens" | "tabular",
     "kind": "classification" | "regression" | "next_token",
     "given": "(n, channels, height, width)",     the axes in which a person gives rows
     "row": [28, 28, 1],                          shape of a row as it is read: channels last; tokens: [steps]
     "dtype": "float32" | "int64",                of a row as the network reads it
     "columns": null | [                          of a table with named columns, in the order of its features:
         {"kind": "number", "name": "rooms", "offset": 0.0, "tells_missing": false},
         {"kind": "text", "name": "town", "values": ["north", "south"], "tells_missing": true},
         {"kind": "gaps", "name": "garage"}],
     "standardization": null | {"mean": [...], "deviation": [...]},    one number a channel, or a feature of a table
     "lengths": false,                            whether the network is called with the lengths of padded rows
     "vocabulary": null | 64,                     tokens are ids from 0 to this number less one
     "labels": null | ["cat", "dog"],             of the network's outputs, in classification
     "target": null | {"mean": 3.2, "deviation": 1.1}}    in regression: prediction = output * deviation + mean

In order: images are moved to channels last; the columns of a table become features (`number`: the number less its
offset; `text`: one feature a value, 1 where it stands; `gaps`: 1 where the value is missing; `tells_missing`: a
feature more behind these that is 1 where the value is missing); then `(x - mean) / deviation`, after which a missing
number (NaN) is 0, and so is everything behind the end of a padded row. Tokens are read as they are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from spaces.shapes import Kind, Task
from workers.datasets import Dataset
from workers.datasets.column import Column
from workers.datasets.division import divide
from workers.datasets.features import LAYOUTS
from workers.datasets.standardization import Standardization
from workers.streamed import channel_standardization
from workers.target_scale import TargetScale


@dataclass(frozen=True)
class Preprocessing:
    """What rows of a data set go through on their way to a network that was trained on one division of them.

    Attributes:
        modality: `"image"`, `"series"`, `"tokens"` or `"tabular"`.
        task: what the network reads and predicts.
        columns: of a table with named columns, how each of those of use becomes features.
        standardization: of channels, as measured on the train rows; `None` of tokens.
        padded: whether rows have lengths.
        labels: of the classes, in the order of the outputs.
        scale: of predicted numbers; `None` of anything else.
    """

    modality: str
    task: Task
    columns: tuple[Column, ...]
    standardization: Standardization | None
    padded: bool
    labels: tuple[str, ...]
    scale: TargetScale | None

    @classmethod
    def of(cls, dataset: Dataset, division: int, is_final: bool = False) -> Preprocessing:
        """That of a network which was trained on this division.

        Args:
            dataset: the rows.
            division: number of the division, see `workers.datasets.divide`.
            is_final: whether it was a final training, which learns from nearly all rows (`WorkUnit.opens_test`).
        """
        divided = divide(dataset.y, division)
        return cls.measured(dataset, (divided.final if is_final else divided).train)

    @classmethod
    def measured(cls, dataset: Dataset, rows: NDArray[np.int64]) -> Preprocessing:
        """That of a network which was trained on these rows, `(m,)` numbers of development rows."""
        scale = TargetScale.fit(torch.tensor(dataset.y[rows])) if dataset.task.kind is Kind.REGRESSION else None
        return cls(
            modality=dataset.modality,
            task=dataset.task,
            columns=dataset.columns,
            standardization=standardization_of(dataset, rows),
            padded=dataset.lengths is not None,
            labels=dataset.labels,
            scale=scale,
        )

    def to_json(self) -> dict[str, Any]:
        """The JSON object described above."""
        columns = [{"kind": column.kind, **asdict(column)} for column in self.columns]
        moments = self.standardization
        return {
            "schema": 1,
            "modality": self.modality,
            "kind": str(self.task.kind),
            "given": LAYOUTS[self.modality],
            "row": list(self.task.row_shape),
            "dtype": "int64" if self.task.vocabulary else "float32",
            "columns": columns or None,
            "standardization": moments
            and {"mean": [float(m) for m in moments.mean], "deviation": [float(d) for d in moments.deviation]},
            "lengths": self.padded,
            "vocabulary": self.task.vocabulary,
            "labels": list(self.labels) or None,
            "target": self.scale and asdict(self.scale),
        }


def standardization_of(dataset: Dataset, train: NDArray[np.int64]) -> Standardization | None:
    """Mean and deviation of each channel over the train rows of these numbers; `None` of tokens."""
    if dataset.task.vocabulary is not None:
        return None
    if dataset.x.dtype == np.uint8:
        return channel_standardization(cast(NDArray[np.uint8], dataset.x), train)
    lengths = None if dataset.lengths is None else dataset.lengths[train]
    return Standardization.fit(cast(NDArray[np.float32], dataset.x[train]), lengths)
