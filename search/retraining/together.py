"""Together: the networks of a study's front, or an ensemble's members, which are trained again on the same rows."""

from __future__ import annotations

from collections.abc import Sequence

from search.phases import RETRAINING_SEEDS, SEEDS_A_STUDY
from search.retraining.store import Retrained
from search.study import Study
from search.trial import Trial
from spaces import InvalidInput


def shared_division(study: Study) -> int:
    """The division of the rows that all of them share, so that their scores compare; no trial of the study had it."""
    return study.specification.seed * SEEDS_A_STUDY + RETRAINING_SEEDS


def front_trials(study: Study) -> list[Trial]:
    """The trials of the front, best score first.

    Raises:
        InvalidInput: no network was trained to the end.
    """
    numbers = study.front()["trial"].tolist()
    if not numbers:
        raise InvalidInput(f"study {study.name!r} has no front: found no network that was trained to the end")
    networks = {trial.number: trial for trial in study.networks()}
    return [networks[number] for number in numbers]


def member_trials(study: Study, count: int) -> dict[str, Trial]:
    """The members of an ensemble, by family: the champion and the best network, on the search rows, of each other one.

    Args:
        study: whose networks they are.
        count: how many families; a hybrid's together are one of their own, joined by `_`.

    Raises:
        InvalidInput: the study has no champion yet, or trained fewer families to the end.
    """
    champion = study.champion.architecture.fingerprint
    networks = study.networks()
    ordered = sorted(networks, key=lambda trial: trial.architecture.fingerprint != champion)
    best: dict[str, Trial] = {}
    for trial in ordered:
        best.setdefault("_".join(trial.architecture.families), trial)
    if len(best) < count:
        raise InvalidInput(
            f"--ensemble {count}: study {study.name!r} trained networks of {len(best)} families to the end "
            f"({', '.join(best)}), expected no more members than that"
        )
    return dict(list(best.items())[:count])


def trained_together(study: Study, trials: Sequence[Trial], option: str) -> list[Retrained]:
    """What each of these trials became when it was trained again on the rows they share, lately.

    Args:
        study: whose trials they are.
        trials: all of which are wanted.
        option: of `penchant retrain`, that trains them.

    Raises:
        InvalidInput: some were not; the line says how they are.
    """
    division = shared_division(study)
    latest = {each.trial: each for each in study.retrained.all() if each.division == division}
    missing = [str(trial.number) for trial in trials if trial.number not in latest]
    if missing:
        noun = "trial" if len(missing) == 1 else "trials"
        raise InvalidInput(
            f"{noun} {', '.join(missing)} of study {study.name!r} kept no weights to compare; expected "
            f"all trained again, on the same rows, with: penchant retrain {study.name} {option} --epochs 20"
        )
    return [latest[trial.number] for trial in trials]
