"""Outcome: what became of a work unit. A failure is an outcome, not an exception."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How a work unit ended."""

    TRAINED = "trained"
    DIVERGED = "diverged"
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)  # a study of many trials has millions
class CurvePoint:
    """One point of a learning curve.

    Attributes:
        step: optimizer steps done.
        train_loss: mean training loss since the point before: in nats, or of numbers in squared deviations.
        search_score: score on the search rows.
    """

    step: int
    train_loss: float
    search_score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a work unit.

    Attributes:
        trial: number of the trial it belongs to.
        start: optimizer steps done before it.
        stop: optimizer steps it was to reach.
        status: how it ended.
        reason: why it failed, with the traceback of a crash; empty otherwise.
        search_score: score on the search rows at `stop`; the search reads this one alone.
        confirm_score: score on the confirm rows; verdict and shortlist read it.
        test_score: score on the sealed test rows where the unit opened them.
        curve: the learning curve of this segment.
        seconds: wall-clock time of the worker.
        step_seconds: median time of its first hundred optimizer steps, which those of a new process do not distort.
        parameters: number of trained parameters.
        flops: operations of the forward pass of one row, where they can be counted; the first segment tells.
        latency_seconds: median time of one row on the worker's CPU, where the unit measured it.
        maker: what trained it, see `workers.maker`.
        served_from: the study and trial on record whose outcome this is; empty where it was trained for this trial.
        node: where it ran.
        ended: seconds on the study's clock when the driver had it; the driver's to tell, who has the clock.
    """

    trial: int
    start: int
    stop: int
    status: Status
    reason: str = ""
    search_score: float | None = None
    confirm_score: float | None = None
    test_score: float | None = None
    curve: tuple[CurvePoint, ...] = ()
    seconds: float = 0.0
    step_seconds: float = 0.0
    parameters: int = 0
    flops: int | None = None
    latency_seconds: float | None = None
    maker: str = ""
    served_from: str = ""
    node: str = ""
    ended: float | None = None

    @property
    def failed(self) -> bool:
        """Whether there is no score."""
        return self.status is not Status.TRAINED

    def to_json(self) -> dict[str, Any]:
        """A JSON object with all fields."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Outcome:
        """The outcome that `to_json` described."""
        curve = tuple(CurvePoint(**point) for point in document["curve"])
        return cls(**{**document, "status": Status(document["status"]), "curve": curve})
