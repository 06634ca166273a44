"""Checkpoints: where a candidate's training goes on from, and where the champion's weights stay."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch


class Checkpoints:
    """A folder of training states, one file a trial and step, that every worker can reach.

    A file appears whole or not at all, so a worker that dies while it writes leaves nothing half-written behind.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, trial: int, step: int, state: dict[str, Any]) -> None:
        """Keeps the state that a trial reached at a step."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(trial, step)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        torch.save(state, partial)
        partial.replace(path)

    def load(self, trial: int, step: int) -> dict[str, Any]:
        """The state that was kept; arrays and numbers alone are read, never code."""
        return torch.load(self.path(trial, step), weights_only=True)

    def path(self, trial: int, step: int) -> Path:
        """The file of a trial at a step."""
        return self.folder / f"{trial}-{step}.pt"

    def keep_only(self, trials: set[int]) -> None:
        """Removes the states of all other trials."""
        for path in self.folder.glob("*-*.pt"):
            if int(path.name.split("-")[0]) not in trials:
                path.unlink(missing_ok=True)
