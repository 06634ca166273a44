"""Meta-features: what a data set is like in a few numbers, by which sets are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import entropy

from spaces.shapes import Kind
from workers.datasets import Dataset


@dataclass(frozen=True)
class MetaFeatures:
    """Simple and information-theoretic meta-features (Michie et al. 1994), of the development rows alone.

    Attributes:
        modality: image, series, tokens or tabular.
        task: classification, regression or next_token.
        rows: number of development rows.
        length: positions of a row: pixels, steps; 1 of a table.
        channels: numbers that each position holds; the columns of a table.
        classes: number of classes; None where there are none.
        class_entropy: of the shares of the classes, over its maximum: 1 where all are equally frequent.
        vocabulary: how many different tokens there are; None where rows are numbers.
    """

    modality: str
    task: str
    rows: int
    length: int
    channels: int
    classes: int | None = None
    class_entropy: float | None = None
    vocabulary: int | None = None

    @classmethod
    def of(cls, dataset: Dataset) -> MetaFeatures:
        """Those of a data set; the sealed test is not looked at."""
        task = dataset.task
        has_classes = task.kind is Kind.CLASSIFICATION
        return cls(
            modality=dataset.modality,
            task=task.kind.value,
            rows=len(dataset.y),
            length=task.grid.length,
            channels=task.grid.channels,
            classes=task.outputs if has_classes else None,
            class_entropy=float(entropy(np.bincount(dataset.y)) / np.log(task.outputs)) if has_classes else None,
            vocabulary=task.vocabulary,
        )

    def is_comparable(self, other: MetaFeatures) -> bool:
        """Whether the sets are of one modality and task."""
        return (self.modality, self.task) == (other.modality, other.task)

    @property
    def vector(self) -> NDArray[np.float64]:
        """Counts as logarithms, since they span orders of magnitude; 0 for what comparable sets do not have either."""
        counts = (self.rows, self.length, self.channels, self.classes or 1, self.vocabulary or 1)
        return np.array([*np.log(counts), self.class_entropy or 0.0])

    def to_json(self) -> dict[str, Any]:
        """A JSON object with all fields."""
        return asdict(self)


def distances(features: MetaFeatures, others: Sequence[MetaFeatures]) -> list[float]:
    """How unlike a set each of some comparable sets is.

    Euclidean, each meta-feature in standard deviations over all these sets, so that none counts more for its unit; one
    that they all share counts nothing.
    """
    rows = np.stack([each.vector for each in (features, *others)])
    deviations = rows.std(axis=0)
    differences = (rows[1:] - rows[0]) / np.where(deviations > 0, deviations, np.inf)
    return [float(distance) for distance in np.linalg.norm(differences, axis=1)]
