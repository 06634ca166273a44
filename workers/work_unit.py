"""WorkUnit: one rung segment of one candidate, the unit that is run, retried, recorded and resumed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from spaces import Architecture
from workers.recipe import Recipe


@dataclass(frozen=True)
class WorkUnit:
    """Train this candidate from one step to another, and score it there.

    Attributes:
        trial: the trial's number in its study.
        architecture: the network's structure.
        recipe: how it is optimized.
        division: which division of the development rows into train, search and confirm rows.
        seed: fixes initialization, order of rows and dropout.
        start: optimizer steps done before, whose checkpoint exists; 0 starts afresh.
        stop: optimizer steps done afterwards.
        horizon: optimizer steps of the whole schedule, to which the learning rate is annealed.
        keeps_checkpoint: whether training may go on from `stop` or the weights are wanted.
        opens_test: whether the sealed test rows are scored; for the confirmation alone, whose trainings are final and
            learn from nearly all rows.
        measures_latency: whether it is measured how long one row takes.
        limit_seconds: longest time the unit may take.
    """

    trial: int
    architecture: Architecture
    recipe: Recipe
    division: int
    seed: int
    start: int
    stop: int
    horizon: int
    keeps_checkpoint: bool = False
    opens_test: bool = False
    measures_latency: bool = False
    limit_seconds: float = 3600.0

    def to_json(self) -> dict[str, Any]:
        """A JSON object with all fields; what crosses the border to a worker process."""
        return {**self.__dict__, "architecture": self.architecture.to_json(), "recipe": asdict(self.recipe)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> WorkUnit:
        """The unit that `to_json` described."""
        architecture = Architecture(document["architecture"])
        return cls(**{**document, "architecture": architecture, "recipe": Recipe(**document["recipe"])})
