"""Evidence: from the recorded trials of a study to what its verdict reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from search.phases.census import block_of
from search.phases.ranking import choose_finalists
from search.trial import Trial
from search.verdict.caveats import ChampionFacts
from search.verdict.document import ChampionVerdict, LandmarkVerdict, SealedTest
from search.verdict.exclusion import SIGNIFICANCE
from search.verdict.families import DoublingCheck, FamilyCensus
from search.verdict.rung_audit import rung_rank_correlation
from spaces import SearchSpace
from spaces.cost import flops
from spaces.shapes import Task
from workers.metric import WORST_SCORE, Metric
from workers.outcome import Status
from workers.rungs import rungs


def censuses(trials: Sequence[Trial], families: Sequence[str]) -> list[FamilyCensus]:
    """The whole blocks of the census, a `FamilyCensus` each family; failed configurations hold the worst score."""
    census = {(t.family, block_of(t)): t for t in trials if t.phase == "census" and t.finished}
    blocks = sorted({block for _, block in census})
    whole = [block for block in blocks if all((family, block) in census for family in families)]
    return [
        _family_census(family, [census[family, block] for block in whole], _doubled(family, trials))
        for family in families
    ]


def _family_census(family: str, trials: list[Trial], doubled: list[Trial]) -> FamilyCensus:
    return FamilyCensus(
        family=family,
        search=np.array([_or_worst(trial.search_score) for trial in trials]),
        confirm=np.array([_or_worst(trial.confirm_score) for trial in trials]),
        failed=np.array([trial.failed for trial in trials], dtype=bool),
        core_seconds=np.array([trial.seconds for trial in trials]),
        parameters=np.array([trial.parameter_count for trial in trials]),
        steps=trials[0].horizon if trials else 0,
        doubled=_doubling_check(trials, doubled),
    )


def _doubled(family: str, trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.phase == "doubling" and trial.family == family and trial.finished]


def _doubling_check(trials: list[Trial], doubled: list[Trial]) -> DoublingCheck | None:
    at_horizon = {trial.slot: _or_worst(trial.confirm_score) for trial in trials}
    told = [trial for trial in doubled if trial.slot in at_horizon and not _was_cut_short(trial)]
    pairs = [(at_horizon[trial.slot], _or_worst(trial.confirm_score)) for trial in told]
    if not pairs:
        return None
    before, after = zip(*pairs, strict=True)
    return DoublingCheck(at_horizon=float(np.mean(before)), at_double=float(np.mean(after)))


def _was_cut_short(trial: Trial) -> bool:
    """Twice the steps met a limit, or lost their worker again and again: this says nothing of what they would bring."""
    return trial.outcomes[-1].status in (Status.TIMED_OUT, Status.CRASHED)


def rung_rank_correlations(trials: Sequence[Trial]) -> dict[str, float | None]:
    """For each family how well the scores of its census at the first rung rank those after the whole training."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for trial in trials:
        early = trial.score_after(rungs(trial.horizon)[0])
        if trial.phase == "census" and trial.finished and early is not None and trial.search_score is not None:
            pairs.setdefault(trial.family, []).append((early, trial.search_score))
    return {family: rung_rank_correlation(*zip(*own, strict=True)) for family, own in pairs.items()}


def _or_worst(score: float | None) -> float:
    return WORST_SCORE if score is None else score


class Confirmed:
    """The champion and its baselines on the sealed test, told as values of the metric.

    Args:
        trials: all trials of the study.
        horizon: optimizer steps of a full training.
        space: what the study may try.
        metric: what the trials' scores are told in.
    """

    def __init__(self, trials: Sequence[Trial], horizon: int, space: SearchSpace, metric: Metric) -> None:
        self._metric = metric
        self.finalists = choose_finalists(trials, horizon, space)
        self._landmarks = {trial.architecture.fingerprint: trial.slot for trial in trials if trial.phase == "landmarks"}
        by_network: dict[str, dict[int, float]] = {}
        for trial in trials:
            if trial.phase == "confirmation" and trial.finished:
                scores = by_network.setdefault(trial.architecture.fingerprint, {})
                scores[trial.seed] = _or_worst(trial.test_score)
        self._scores = [by_network.get(finalist.architecture.fingerprint, {}) for finalist in self.finalists]

    def document(self, task: Task) -> ChampionVerdict | None:
        """The champion's part of the verdict; None where nothing trained to the end."""
        if not self.finalists:
            return None
        champion, *rivals = self.finalists
        return ChampionVerdict(
            fingerprint=champion.architecture.fingerprint,
            architecture=dict(champion.architecture.to_json()),
            families=champion.architecture.families,
            parameters=champion.parameter_count,
            flops=flops(champion.architecture, task),
            sealed_test=self._sealed_test(0),
            runner_up=self._runner_up(rivals[0]) if rivals else None,
            landmarks=tuple(
                LandmarkVerdict(name=self._landmarks[self.finalists[rank].architecture.fingerprint], sealed_test=sealed)
                for rank in self._baselines()
                if (sealed := self._sealed_test(rank))
            ),
            beats_landmarks=bool(self._beats_landmarks()),
        )

    def facts(self) -> ChampionFacts | None:
        """What the sentence says of the champion; None where it was not confirmed."""
        sealed = self._sealed_test(0) if self.finalists else None
        if sealed is None:
            return None
        families = self.finalists[0].architecture.families
        return ChampionFacts(families, sealed.mean, sealed.sd, sealed.seeds, self._beats_landmarks())

    def _runner_up(self, trial: Trial) -> dict[str, Any]:
        sealed = self._sealed_test(1)
        return {
            "fingerprint": trial.architecture.fingerprint,
            "architecture": trial.architecture.to_json(),
            "families": list(trial.architecture.families),
            "sealed_test": sealed.model_dump() if sealed else None,
        }

    def _sealed_test(self, rank: int) -> SealedTest | None:
        values = [self._metric.value(score) for score in self._scores[rank].values()]
        if not values:
            return None
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
        return SealedTest(mean=float(np.mean(values)), sd=sd, seeds=len(values))

    def _beats_landmarks(self) -> bool | None:
        """Whether the champion is better than every landmark, by one-sided paired t-tests over the shared seeds.

        All must reject at .05, so no adjustment is needed (intersection-union). A champion that is itself a landmark
        beats none; None where there are not two shared seeds to test with.
        """
        ranks = self._baselines()
        if 0 in ranks:
            return False
        verdicts = [self._is_better_than(rank) for rank in ranks]
        return None if not verdicts or None in verdicts else all(verdicts)

    def _baselines(self) -> list[int]:
        """Which finalists are a landmark's network, with its recipe or another."""
        prints = [finalist.architecture.fingerprint for finalist in self.finalists]
        return [rank for rank, fingerprint in enumerate(prints) if fingerprint in self._landmarks]

    def _is_better_than(self, rank: int) -> bool | None:
        champion, rival = self._scores[0], self._scores[rank]
        shared = sorted(champion.keys() & rival.keys())
        if len(shared) < 2:
            return None
        differences = np.array([champion[seed] - rival[seed] for seed in shared])
        if np.ptp(differences) == 0:
            return bool(differences[0] > 0)
        return bool(stats.ttest_1samp(differences, 0.0, alternative="greater").pvalue < SIGNIFICANCE)
