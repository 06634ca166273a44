"""UnitCheckpoint: the state that the training of a unit goes on from, if its worker is lost, and after it."""

from __future__ import annotations

import contextlib
import json
import time

from workers.checkpoint import Checkpoints
from workers.trainer import Trainer
from workers.work_unit import WorkUnit


class NotKept(Exception):
    """A state that the study needs could not be written: no fault of the candidate, nor to be mended by a worker."""


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
        self._began = self._saved_at = time.monotonic()
        self._spent_before = 0.0
        self._exists = False

    @property
    def seconds(self) -> float:
        """Worker time that the unit has taken so far, that of a lost worker included."""
        return self._spent_before + time.monotonic() - self._began

    @property
    def _training(self) -> str:
        """What tells this training from others: all that its weights follow from."""
        unit = self._unit
        recipe = json.dumps(unit.recipe.to_json(), sort_keys=True)
        return f"{unit.architecture.fingerprint} {recipe} {unit.division} {unit.seed} {unit.horizon}"

    def restore(self, trainer: Trainer) -> None:
        """Brings a new trainer to the latest state there is: of this unit, else where it starts, else none.

        A state that cannot be read is none: from the beginning it is the same training. Nor is one of another training,
        left by a driver that was killed before the trial was recorded, so that its number was given again.
        """
        for step in (self._unit.stop, self._unit.start):
            try:
                state = self._checkpoints.load(self._unit.trial, step)
            except Exception:  # of a damaged file torch raises whatever it meets
                continue
            if state.get("training", self._training) != self._training:  # earlier versions wrote none
                continue
            trainer.restore(state)
            self._exists = step == self._unit.stop
            self._spent_before = state["unit_seconds"] if self._exists else 0.0
            return

    def save_if_due(self, trainer: Trainer) -> None:
        """Keeps the state if the time has come; a store that fails for a while costs safety, not the unit."""
        if time.monotonic() - self._saved_at >= self._seconds:
            with contextlib.suppress(OSError):
                self._save(trainer)
            self._saved_at = time.monotonic()

    def save(self, trainer: Trainer) -> None:
        """Keeps the state that was reached, in place of the one before.

        Raises:
            NotKept: it cannot be written.
        """
        try:
            self._save(trainer)
        except OSError as error:
            raise NotKept(f"a checkpoint cannot be kept in {self._checkpoints.location}: {error}") from error

    def _save(self, trainer: Trainer) -> None:
        state = {**trainer.state(), "unit_seconds": self.seconds, "training": self._training}
        self._checkpoints.save(self._unit.trial, self._unit.stop, state)
        self._exists = True

    def remove(self) -> None:
        """Removes the state, if there is one; one that cannot be removed harms nobody."""
        if self._exists:
            with contextlib.suppress(OSError):
                self._checkpoints.remove(self._unit.trial, self._unit.stop)
