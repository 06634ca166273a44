"""UnitCheckpoint: the state that the training of a unit goes on from, if its worker is lost, and after it."""

from __future__ import annotations

import time

from workers.checkpoint import Checkpoints
from workers.trainer import Trainer
from workers.work_unit import WorkUnit


class UnitCheckpoint:
    """One file, under the step where the unit stops: first of states on the way there, then of the one reached.

    So whoever runs the unit again finds the latest state without looking for it, and nothing is left behind.

    Args:
        checkpoints: where it is kept.
        unit: whose it is.
        seconds: between two states on the way.
    """

    def __init__(self, checkpoints: Checkpoints, unit: WorkUnit, seconds: float) -> None:
        self._checkpoints = checkpoints
        self._unit = unit
        self._seconds = seconds
        self._saved_at = time.monotonic()
        self._exists = False

    def restore(self, trainer: Trainer) -> None:
        """Brings a new trainer to the latest state there is: of this unit, else where it starts, else none."""
        for step in (self._unit.stop, self._unit.start):
            try:
                trainer.restore(self._checkpoints.load(self._unit.trial, step))
            except FileNotFoundError:
                continue
            self._exists = step == self._unit.stop
            return

    def save_if_due(self, trainer: Trainer) -> None:
        """Keeps the state if the time has come."""
        if time.monotonic() - self._saved_at >= self._seconds:
            self.save(trainer)

    def save(self, trainer: Trainer) -> None:
        """Keeps the state in place of the one before."""
        self._checkpoints.save(self._unit.trial, self._unit.stop, trainer.state())
        self._saved_at = time.monotonic()
        self._exists = True

    def remove(self) -> None:
        """Removes the state, if there is one."""
        if self._exists:
            self._checkpoints.remove(self._unit.trial, self._unit.stop)
