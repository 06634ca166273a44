"""Ranking: which of a study's networks are the best so far, and so are trained again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.candidate import Candidate
from search.plan import FINALISTS, LANDMARK_BASELINES
from search.trial import Trial
from spaces import SearchSpace

COMPARABLE_PHASES = ("landmarks", "census", "adaptive")
"""Those whose full trainings have the study's horizon; timing is shorter, the doubling check longer."""


def best_on_search_rows(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    """The best training of each network in the space that was trained to the horizon, best on the search rows first.

    Of a network that the shortlist trained again, it is the training with the recipe that it was trained with.
    """
    listed = _listed(trials)
    own = sorted(_own(trials, horizon, space), key=_search_score, reverse=True)
    return distinct([t for t in own if t.candidate == listed.get(t.architecture.fingerprint, t.candidate)])


def shortlisted(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    """The same, best on the search and the confirm rows together first, but that the list, once begun, stays.

    The best of a hundred scores on a few hundred rows is mostly lucky; on twice as many rows less so. No claim on
    families or components reads what is chosen by this.
    """
    listed = _listed(trials)

    def standing(trial: Trial) -> tuple[bool, float]:
        return listed.get(trial.architecture.fingerprint) == trial.candidate, held_out_score(trial)

    return distinct(sorted(_own(trials, horizon, space), key=standing, reverse=True))


def _listed(trials: Sequence[Trial]) -> dict[str, Candidate]:
    """What the shortlist trained again, by the fingerprint of the network."""
    return {trial.architecture.fingerprint: trial.candidate for trial in trials if trial.phase == "shortlist"}


def _own(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    full = comparable(trials, horizon)
    return [trial for trial in full if trial.phase != "landmarks" or trial.candidate.lies_in(space)]


def _search_score(trial: Trial) -> float:
    return trial.search_score or 0.0


def comparable(trials: Sequence[Trial], horizon: int) -> list[Trial]:
    """The trials of the phases before that were trained to the horizon."""
    return [t for t in trials if t.phase in COMPARABLE_PHASES and t.horizon == t.reached == horizon]


def recorded_horizon(trials: Sequence[Trial]) -> int:
    """Optimizer steps of a study's full trainings; 0 before there is one."""
    return next((trial.horizon for trial in trials if trial.phase in COMPARABLE_PHASES), 0)


def distinct(trials: Sequence[Trial]) -> list[Trial]:
    """The first trial of each architecture."""
    first: dict[str, Trial] = {}
    for trial in trials:
        first.setdefault(trial.architecture.fingerprint, trial)
    return list(first.values())


def held_out_score(trial: Trial) -> float:
    """Mean of the scores on the search and the confirm rows; 0 for a training that failed."""
    return ((trial.search_score or 0.0) + (trial.confirm_score or 0.0)) / 2


def replicated_scores(trials: Sequence[Trial]) -> dict[str, float]:
    """Mean score of each network's replicates by fingerprint, on search and confirm rows alike.

    Both are fresh to it: the divisions are the shortlist's own. A failed replicate scores nothing.
    """
    scores: dict[str, list[float]] = {}
    for trial in trials:
        if trial.phase == "shortlist" and trial.finished:
            scores.setdefault(trial.architecture.fingerprint, []).append(held_out_score(trial))
    most = max(map(len, scores.values()), default=0)
    return {fingerprint: float(np.mean(own)) for fingerprint, own in scores.items() if len(own) == most}


def choose_finalists(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    """Champion, runner-up and baselines, from the trials of the phases before that were trained to the horizon.

    Champion and runner-up are the networks in the space that did best on the shortlist, or on the search rows where
    there is none; then come the three landmarks best on the search rows, in the space or not, and where one of those is
    already among them, the next best trials.
    """
    own = ranked(trials, horizon, space)
    return distinct([*own[:2], *baselines(trials, horizon), *own])[:FINALISTS] if own else []


def baselines(trials: Sequence[Trial], horizon: int) -> list[Trial]:
    """The landmarks that did best on the search rows."""
    landmarks = [trial for trial in comparable(trials, horizon) if trial.phase == "landmarks"]
    return distinct(sorted(landmarks, key=_search_score, reverse=True))[:LANDMARK_BASELINES]


def ranked(trials: Sequence[Trial], horizon: int, space: SearchSpace) -> list[Trial]:
    """The networks in the space, best first: by the shortlist's trainings, those not on it by their search score."""
    replicated = replicated_scores(trials)
    own = best_on_search_rows(trials, horizon, space)
    return sorted(own, key=lambda trial: -replicated.get(trial.architecture.fingerprint, -1.0))
