"""Final length: for how many optimizer steps a study trains what it hands out, and what that is chosen from."""

from __future__ import annotations

from collections.abc import Sequence

from search.plan import LONGEST_CONFIRMATION, Plan
from search.trial import Trial

KEPT_BACK = 0.1
"""Share of the time left that the length of the final trainings is not planned with: steps vary, workers wait."""


def final_length(plan: Plan, trainings: Sequence[Trial], slots: int, now: float, *, stages: int = 1) -> int:
    """Optimizer steps of each of the last trainings, all of one length.

    The search needs many short trainings, the champion a long one: as long as the time left allows, at least the
    search's horizon and at most four of them. Without a budget of time it is the horizon.

    Args:
        plan: the search's horizon, and when the last training must have begun.
        trainings: for each one to come a trial of its network that ran to the horizon.
        slots: trainings at a time.
        now: seconds the study has run.
        stages: how many times everything in flight is waited for.
    """
    if not plan.is_timed or not trainings:
        return plan.horizon
    left = (1 - KEPT_BACK) * (plan.confirmation_ends - now)
    steps = left / seconds_a_step(trainings, slots, stages)
    return int(min(max(steps, plan.horizon), LONGEST_CONFIRMATION * plan.horizon))


def seconds_a_step(trainings: Sequence[Trial], slots: int, stages: int = 1) -> float:
    """Wall-clock seconds that trainings of one optimizer step each would take together, scoring included.

    Many workers do not make one training faster: the slowest starts first, and everything waits for it once a stage.
    """
    each = [trial.seconds / trial.horizon for trial in trainings]
    return max(sum(each) / slots, stages * max(each))
