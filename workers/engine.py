"""Engine: runs the work units that a source proposes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from types import TracebackType
from typing import Self

from workers.checkpoint import Checkpoints
from workers.datasets import Dataset
from workers.outcome import Outcome
from workers.work_unit import WorkUnit


class Signal(Enum):
    """What a source proposes when it has no unit."""

    WAIT = "wait"
    """Nothing until an outcome of a unit in flight is known."""
    DONE = "done"
    """Nothing ever again."""


class Source(ABC):
    """Where an engine gets its work; called from one thread only."""

    @abstractmethod
    def propose(self) -> WorkUnit | Signal:
        """The next unit to run. `WAIT` is allowed only while a unit is in flight."""

    @abstractmethod
    def absorb(self, outcome: Outcome) -> None:
        """Takes the outcome of a unit proposed before; exactly one for each, in any order."""


class Engine(ABC):
    """Runs units somewhere, several at a time. Used as a context: resources are held between enter and exit."""

    @property
    @abstractmethod
    def slots(self) -> int:
        """How many units run at the same time; known once the context is entered."""

    @abstractmethod
    def run(self, source: Source, dataset: Dataset, checkpoints: Checkpoints) -> None:
        """Runs everything the source proposes until it is done.

        A unit whose worker dies is run again, a few times; then its outcome is `crashed`. What the source raises goes
        through to the caller; units in flight are then abandoned.

        Raises:
            NotKept: the state that a unit is to leave cannot be written.
        """

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
