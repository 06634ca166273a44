"""Finalists: the networks that a study confirmed, by name, each with the trial whose weights are kept."""

from __future__ import annotations

from collections.abc import Sequence

from search.phases.confirmation import slot
from search.phases.ranking import choose_finalists, recorded_horizon
from search.trial import Trial
from spaces import SearchSpace

CHAMPION, RUNNER_UP = "champion", "runner_up"


def confirmed_finalists(trials: Sequence[Trial], space: SearchSpace) -> dict[str, Trial]:
    """The first confirmation of each finalist that was trained to its end, the champion's first.

    Args:
        trials: all trials of a study.
        space: what it might try.

    Returns:
        By name: `champion`, a landmark's own name, `runner_up`, and `finalist_4` and so on for others.
    """
    landmarks = {trial.architecture.fingerprint: trial.slot for trial in trials if trial.phase == "landmarks"}
    confirmed = {t.slot: t for t in trials if t.phase == "confirmation" and t.finished and not t.failed}
    named: dict[str, Trial] = {}
    for rank, finalist in enumerate(choose_finalists(trials, recorded_horizon(trials), space)):
        other = RUNNER_UP if rank == 1 else f"finalist_{rank + 1}"
        name = CHAMPION if rank == 0 else landmarks.get(finalist.architecture.fingerprint, other)
        if trial := confirmed.get(slot(finalist, 0)):
            named[name] = trial
    return named
