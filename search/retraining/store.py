"""RetrainedStore: networks that were trained again, their weights and what is known of them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from spaces import InvalidInput
from workers.checkpoint import Checkpoints


@dataclass(frozen=True)
class Retrained:
    """A network that was trained again.

    Attributes:
        version: counts those of a study, from 1.
        trial: whose architecture and recipe it has.
        epochs: passes over its rows.
        steps: optimizer steps.
        seed: of initialization, order of rows and dropout.
        division: of the rows, see `workers.datasets.division.divide`.
        all_data: whether it learned from the sealed test as well, so that nothing is left to score it on.
        rows: it learned from.
        held_out_rows: development rows that it did not learn from.
        score: on these, in the study's metric; `None` of one that learned from all.
        seconds: of training.
    """

    version: int
    trial: int
    epochs: int
    steps: int
    seed: int
    division: int
    all_data: bool
    rows: int
    held_out_rows: int
    score: float | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """A JSON object with all fields."""
        return asdict(self)


class RetrainedStore:
    """A folder with two files a network; one whose description is missing is still trained.

    Args:
        folder: of a study's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.checkpoints = Checkpoints(folder)

    def all(self) -> list[Retrained]:
        """Those that were trained to the end, the oldest first."""
        described = (json.loads(path.read_text()) for path in self._folder.glob("*.json"))
        return sorted((Retrained(**fields) for fields in described), key=lambda each: each.version)

    def latest(self, study: str) -> Retrained:
        """The one trained last.

        Raises:
            InvalidInput: none was trained again; `study` is what the message calls it.
        """
        known = self.all()
        if not known:
            raise InvalidInput(f"no network of study {study!r} was trained again; expected penchant retrain first")
        return known[-1]

    @property
    def next_version(self) -> int:
        """Of the one that is trained next, or that was interrupted."""
        return 1 + len(self.all())

    def add(self, retrained: Retrained) -> None:
        """Describes one whose last checkpoint is kept."""
        path = self._folder / f"{retrained.version}.json"
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(retrained.to_json(), indent=2))
        os.replace(partial, path)

    def weights(self, retrained: Retrained) -> dict[str, Tensor]:
        """Its state dict, on the CPU."""
        state: dict[str, Tensor] = self.checkpoints.load(retrained.version, retrained.steps)["network"]
        return state
