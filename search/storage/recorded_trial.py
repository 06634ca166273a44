"""A trial as it is read from Optuna's record: everything but number, state and end is among its attributes."""

from __future__ import annotations

from typing import Any

import optuna

from search.candidate import Candidate
from search.trial import Trial, TrialState
from spaces import Architecture
from workers.outcome import Outcome
from workers.recipe import Recipe

OPTUNA_STATES = {
    TrialState.RUNNING: optuna.trial.TrialState.RUNNING,
    TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
    TrialState.PRUNED: optuna.trial.TrialState.PRUNED,
    TrialState.FAILED: optuna.trial.TrialState.FAIL,
}


def recorded_trial(number: int, state: optuna.trial.TrialState, ended_at: float, attributes: dict[str, Any]) -> Trial:
    """The trial.

    Args:
        number: of the trial in its study.
        state: Optuna's.
        ended_at: seconds since 1970; 0 where it runs.
        attributes: as `TrialStore` writes them.
    """
    reported = sorted((name for name in attributes if name.startswith("outcome:")), key=lambda n: int(n.split(":")[1]))
    return Trial(
        phase=attributes["phase"],
        slot=attributes["slot"],
        candidate=Candidate(Architecture.from_json(attributes["architecture"]), Recipe(**attributes["recipe"])),
        division=attributes["division"],
        seed=attributes["seed"],
        horizon=attributes["horizon"],
        number=number,
        state=next(ours for ours, optunas in OPTUNA_STATES.items() if optunas is state),
        outcomes=[Outcome.from_json(attributes[name]) for name in reported],
        stop=attributes.get("stop", attributes["horizon"] if not reported else 0),  # the first version kept none
        from_prior=attributes.get("from_prior", ""),
        ended_at=ended_at,
    )
