"""League: the trials that compete at a rung of successive halving."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain

import numpy as np

from search.samplers.dominance import survival_order
from search.trial import Trial
from workers.rungs import ETA


class League:
    """Trials that compete at a rung, in the order of their numbers, entered when they reach it.

    Attributes:
        unpruned: those that go on whatever their scores.
    """

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._trials: list[Trial] = []
        self._losses: list[tuple[float, ...]] = []
        self._may_go_on: set[int] = set()
        self._order: list[int] | None = None  # places, best first, as long as it is known
        self.unpruned: list[Trial] = []

    @property
    def first(self) -> int:
        """The lowest number."""
        return self._numbers[0]

    def enter(self, trial: Trial, losses: tuple[float, ...], *, goes_through: bool) -> None:
        """Adds a trial, once, with what is wanted little of; nan where it is not known."""
        place = bisect_left(self._numbers, trial.number)
        if self._numbers[place : place + 1] == [trial.number]:
            return
        self._numbers.insert(place, trial.number)
        self._trials.insert(place, trial)
        self._losses.insert(place, losses)
        self._may_go_on.add(trial.number)
        self._order = None
        if goes_through:
            self.unpruned = sorted([*self.unpruned, trial], key=lambda other: other.number)

    def best_paused(self, rung: int) -> Trial | None:
        """The best of the best third that has not gone on from the rung; where costs count, by front."""
        if self._order is None:
            self._order = self._best_first()
        for place in self._order[: len(self._order) // ETA]:
            if self._numbers[place] in self._may_go_on:
                if is_paused(self._trials[place], rung):
                    return self._trials[place]
                self._may_go_on.discard(self._numbers[place])
        return None

    def _best_first(self) -> list[int]:
        losses = np.fromiter(chain.from_iterable(self._losses), dtype=float).reshape(len(self._losses), -1)
        if losses.shape[1] == 1:
            return np.argsort(losses[:, 0], kind="stable").tolist()
        return survival_order(np.nan_to_num(losses, nan=np.inf)).tolist()


def is_paused(trial: Trial, rung: int) -> bool:
    """Whether a trial rests at a rung, and may go on."""
    return trial.reached == rung and not trial.in_flight and not trial.failed
