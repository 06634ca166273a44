"""Dispatch: a source's units on their way to workers that may be lost, and their outcomes on the way back."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

from workers.engine import Signal, Source
from workers.outcome import Outcome, Status
from workers.work_unit import WorkUnit

DEATHS_FORGIVEN = 1
"""A process that dies twice in the same unit, on nodes that live, most likely dies of it."""
LOSSES_FORGIVEN = 3
"""A lost node says nothing about the unit it was running."""


@dataclass
class _Order:
    """A unit, and how often it was lost before.

    Attributes:
        unit: to run.
        deaths: worker processes that ended in it, their nodes living on.
        losses: workers that went with their node, or never came to life.
    """

    unit: WorkUnit
    deaths: int = 0
    losses: int = 0


class Dispatch:
    """Hands out each unit until it has an outcome, and tells the source of every outcome once.

    Args:
        source: of the units.
        notes: folder in which a unit's process leaves word before it ends itself, see `note_of`.

    Attributes:
        error: what ended it, be it the source's or a run's, after which nothing is handed out.
    """

    def __init__(self, source: Source, notes: Path) -> None:
        self.error: BaseException | None = None
        self._source = source
        self._notes = notes
        self._in_flight: dict[str, _Order] = {}
        self._lost: deque[_Order] = deque()
        self._is_done = False

    @property
    def in_flight(self) -> int:
        """How many units are handed out."""
        return len(self._in_flight)

    def hand_out(self, run: str) -> WorkUnit | Signal:
        """The next unit: one that was lost before new ones.

        Args:
            run: a name by which its end will be told.
        """
        if self.error is not None:
            return Signal.DONE
        try:
            order = self._next()
        except Exception as error:
            self.error = error
            return Signal.DONE
        if order is None:
            return Signal.DONE if self._is_done and not self._in_flight else Signal.WAIT
        self._in_flight[run] = order
        return order.unit

    def _next(self) -> _Order | None:
        if self._lost:
            return self._lost.popleft()
        proposal = Signal.DONE if self._is_done else self._source.propose()
        self._is_done = proposal is Signal.DONE
        return _Order(proposal) if isinstance(proposal, WorkUnit) else None

    def take_back(self, run: str, outcome: Outcome) -> None:
        """Takes the outcome of a run."""
        del self._in_flight[run]
        self._absorb(outcome)

    def lose(self, run: str, account: str, is_death: bool) -> None:
        """Takes the loss of a run's worker; the unit is handed out again unless it was lost too often.

        Args:
            run: nothing happens where it ran no unit.
            account: what is known about the loss.
            is_death: whether the process ended alone, its node living on.
        """
        order = self._in_flight.pop(run, None)
        if order is None:
            return
        order.deaths += is_death
        order.losses += not is_death
        unit, stuck = order.unit, _read(note_of(self._notes, order.unit))
        if stuck:
            reason = f"hung far beyond {unit.limit_seconds:g} s, so its process was ended; it was here:\n{stuck}"
            self._absorb(Outcome(unit.trial, unit.start, unit.stop, Status.TIMED_OUT, reason))
        elif order.deaths > DEATHS_FORGIVEN or order.losses > LOSSES_FORGIVEN:
            reason = f"its worker was lost {order.deaths + order.losses} times in this unit, at last:\n{account}"
            self._absorb(Outcome(unit.trial, unit.start, unit.stop, Status.CRASHED, reason))
        else:
            self._lost.append(order)

    def fail(self, run: str, error: Exception) -> None:
        """Takes a run that ended by no fault of its unit; all ends with it, and the first of such errors is kept."""
        del self._in_flight[run]
        self.error = self.error or error

    def _absorb(self, outcome: Outcome) -> None:
        try:
            if self.error is None:
                self._source.absorb(outcome)
        except Exception as failure:
            self.error = failure


def note_of(folder: Path, unit: WorkUnit) -> Path:
    """Where the process of a unit leaves word."""
    return folder / f"{unit.trial}-{unit.start}.stuck"


def _read(note: Path) -> str:
    """What stands in a note, which is removed; nothing where there is none."""
    try:
        text = note.read_text()
    except FileNotFoundError:
        return ""
    note.unlink(missing_ok=True)
    return text
