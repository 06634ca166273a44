"""Rungs: the steps after which trainings of a horizon are compared, whether they stop there or go on."""

from __future__ import annotations

ETA = 3
"""How many times as long each rung is as the one before."""
RUNGS = 3
SHORTEST_SCORED = 10
"""Optimizer steps below which a score says too little to be taken in passing."""


def rungs(horizon: int) -> tuple[int, ...]:
    """A ninth and a third of the horizon, and the whole; fewer where these are the same step."""
    return tuple(sorted({max(1, round(horizon / ETA**power)) for power in range(RUNGS)}))


def scored_in_passing(horizon: int) -> frozenset[int]:
    """The rungs at which every training is scored."""
    return frozenset(rung for rung in rungs(horizon) if rung >= SHORTEST_SCORED)
