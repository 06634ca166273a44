"""Specification: what a study was asked to do, all of it, so that it can be resumed from the record alone."""

from __future__ import annotations

from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from spaces import SearchSpace


class Specification(BaseModel):
    """What a study was asked to do.

    Attributes:
        identity: tells it from a study of the same name in another database that shares files or MLflow.
        dataset: registered name or absolute path.
        dataset_fingerprint: of the arrays; a resumed study refuses other data under the same name.
        space: all names and ranges, since a study keeps the space it was created with.
        strategy: name of the sampler of the adaptive phase.
        seed: fixes everything that is drawn.
        budget_seconds: wall-clock budget; or else
        trials: exact number of trials, and
        horizon: optimizer steps of a full training.
        workers: trainings at a time; all CPUs where it is missing.
        address: of the Ray cluster; a Ray of the study's own where it is missing.
        tracking_uri: where MLflow's record goes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: str = Field(default_factory=lambda: uuid4().hex[:12])
    dataset: str
    dataset_fingerprint: str
    space: SearchSpace
    strategy: str
    seed: int = Field(ge=0)
    budget_seconds: float | None = None
    trials: int | None = None
    horizon: int | None = None
    workers: int | None = None
    address: str | None = None
    tracking_uri: str
