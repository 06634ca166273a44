"""History: what is known of all proposals, kept so that the next one costs the same after ten and ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Generic

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from search.samplers.domain import P, Record
from spaces.choices import Value

AUGMENTATION = 0.05
"""How much the sum of the weighted losses counts beside the worst of them."""


class History(Generic[P]):
    """Records in the order in which they were proposed, those in training included.

    Args:
        records: to begin with.
    """

    def __init__(self, records: Iterable[Record[P]] = ()) -> None:
        self._records: list[Record[P]] = []
        self._weights: NDArray[np.float64] | None = None
        self._running: set[int] = set()
        self._costs = 0  # most that a record has
        self._tried: set[frozenset[tuple[str, Value]]] = set()
        self._failed = np.zeros(0, dtype=bool)
        self._scores: dict[float, NDArray[np.float64]] = {}  # share of the full training -> a score a record, or nan
        for record in records:
            self.add(record)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> Record[P]:
        return self._records[index]

    def add(self, record: Record[P]) -> int:
        """Enters another record and returns its index."""
        index = len(self._records)
        self._records.append(record)
        self._tried.add(_key(record.proposal.choices()))
        if index == len(self._failed):
            self._failed = np.concatenate([self._failed, np.zeros(max(64, index), dtype=bool)])
            self._scores = {share: self._lengthened(scores) for share, scores in self._scores.items()}
        self.replace(index, record)
        return index

    def replace(self, index: int, record: Record[P]) -> None:
        """Enters what has become known of a proposal since."""
        self._records[index] = record
        self._costs = max(self._costs, len(record.costs))
        self._failed[index] = record.failed
        for share, score in record.scores.items():
            self._scores.setdefault(share, self._lengthened(np.empty(0)))[index] = score
        if record.scores or record.failed:
            self._running.discard(index)
        else:
            self._running.add(index)

    def _lengthened(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([scores, np.full(len(self._failed) - len(scores), np.nan)])

    @property
    def running(self) -> list[Record[P]]:
        """Those of which nothing is known yet."""
        return [self._records[index] for index in sorted(self._running)]

    def was_tried(self, sketch: Mapping[str, Value]) -> bool:
        """Whether something with these choices was proposed."""
        return _key(sketch) in self._tried

    def untried(self, sketches: Iterable[Mapping[str, Value]]) -> list[Mapping[str, Value]]:
        """Those that nothing with the same choices was proposed of, each once."""
        distinct = {_key(sketch): sketch for sketch in sketches}
        return [sketch for key, sketch in distinct.items() if key not in self._tried]

    def utilities(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """One number for each record of which something is known, about standard normal, the higher the better.

        It follows from the scores; where costs count too, from the compromise that `weighing` drew.

        Returns:
            Indices of the records, ascending, and their utilities.
        """
        known, values = self._by_score()
        if self._weights is None or not len(known):
            return known, values
        shares = np.stack([rankdata(column) / len(known) for column in self._losses(known, values).T], axis=1)
        weighted = shares * self._weights
        losses = weighted.max(axis=1) + AUGMENTATION * weighted.sum(axis=1)
        losses[self._failed[known]] = np.inf
        return known, ndtri((len(known) + 0.5 - rankdata(losses)) / len(known))

    def losses(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """What is wanted little of: minus the utility of the score, and each of the costs; failed records are left out.

        Returns:
            Indices of the records of which something is known, ascending, and a row each.
        """
        known, values = self._by_score()
        sound = ~self._failed[known]
        return known[sound], self._losses(known[sound], values[sound])

    def _losses(self, known: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = [self._records[index].costs for index in known]
        width = max(map(len, rows), default=0)
        costs = np.array([row or (np.nan,) * width for row in rows]).reshape(len(known), width)
        return np.column_stack([-values, np.where(np.isnan(costs), np.inf, costs)])

    def weighing(self, rng: np.random.Generator) -> History[P]:
        """This history as one looks at it who wants a certain compromise between score and costs, drawn at random.

        Utilities then fall with the worse of the weighted ranks, after Tchebycheff, so that every network of the front
        is the best for some compromise. ParEGO, Knowles 2006; with ranks, as costs span orders of magnitude.
        """
        view = copy(self)
        view._weights = rng.dirichlet(np.ones(1 + self._costs)) if self._costs else None
        return view

    def _by_score(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Utilities from scores after trainings of different lengths.

        Records are ranked by their first scores, failed ones last; then those that trained on are ranked among
        themselves, by the later score, into the places that they hold together, and so on. So whoever was stopped early
        is compared by what everybody had at that time. Ranks become normal scores, since scores pile up below a ceiling
        and fall off a cliff above some learning rate; neighbours with the same last score share the mean of theirs.

        Returns:
            Indices of the records, ascending, and their utilities.
        """
        count = len(self._records)
        failed, first = self._failed[:count], np.full(count, np.nan)
        levels = [self._scores[share][:count] for share in sorted(self._scores)]
        for scores in levels:
            first = np.where(np.isnan(first), scores, first)
        known = np.flatnonzero(failed | ~np.isnan(first))
        order = known[ascending(np.where(failed, -np.inf, first)[known])]
        reached, last = np.where(failed, -1, 0), np.where(failed, -np.inf, first)
        for level, scores in enumerate(levels[1:], start=1):
            places = np.flatnonzero(~np.isnan(scores[order]) & ~failed[order])
            held = order[places]
            reached[held], last[held] = level, scores[held]
            order[places] = held[ascending(scores[held])]
        normal = ndtri((np.arange(len(order)) + 0.5) / max(1, len(order)))
        differs = (np.diff(reached[order]) != 0) | (last[order][1:] != last[order][:-1])
        alike = np.concatenate([[0], np.cumsum(differs)]) if len(order) else order
        values = np.empty(count)
        values[order] = (np.bincount(alike, normal) / np.bincount(alike))[alike]
        return known, values[known]


def ascending(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of the values in ascending order, equals as they stand; twice as fast as a stable `argsort`."""
    order = np.argsort(values)
    in_order = values[order]
    ranks = np.cumsum(in_order != np.roll(in_order, 1))
    return np.sort(ranks * len(order) + order) % max(1, len(order))


def _key(choices: Mapping[str, Value]) -> frozenset[tuple[str, Value]]:
    return frozenset(choices.items())
