"""Asynchronous successive halving, fair between families, from the first rung whose scores rank well enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import chain

from search.fresh_outcomes import FreshOutcomes
from search.objectives import CostsOf, no_costs
from search.schedules import SCHEDULES, Schedule
from search.schedules.league import League, is_paused
from search.trial import Trial
from search.verdict.rung_audit import rung_rank_correlation
from workers.rungs import rungs

UNPRUNED_EVERY = 5
"""Every fifth trial goes through to the end, to measure how well the early rungs rank."""
LEAST_CORRELATION = 0.25
"""Rank correlation below which a third of the length to begin with finds better networks than a ninth.

From a simulation: final scores are normal, those at R/3 correlate with them by r and those at R/9 by r², the best third
goes on at each rung. With time for 5, 10 and 20 full trainings the best found is the same at r² = .3, .25 and .2.
"""
PRIOR_NETWORKS = 8
EVERY_FAMILY = "every family"
ALL = "all"
"""The league of those that were promoted to a rung."""


@SCHEDULES.register("halving")
class Halving(Schedule):
    """Decides which paused trial goes on. Li et al. 2020 (ASHA), with rungs R/9, R/3 and R.

    At its first rung a trial competes with its own family alone, since recurrent networks learn more slowly, and
    hybrids with hybrids; above it with all. A family whose scores at R/9 say little of those at R begins at R/3: the
    census, whose networks are all trained to the end and scored in passing, tells which.
    """

    def __init__(self, horizon: int, epoch: int, before: Sequence[Trial] = (), costs: CostsOf = no_costs) -> None:
        super().__init__(horizon, epoch, before, costs)
        self._early: list[Trial] = []  # of the census, scored at the first rung
        self._ranks: dict[str, float] = {}
        self._fresh_before, self._fresh = FreshOutcomes(), FreshOutcomes()
        self._leagues: dict[int, dict[str, League]] = defaultdict(lambda: defaultdict(League))  # by rung and name

    @cached_property
    def rungs(self) -> tuple[int, ...]:
        """See `Schedule.rungs`."""
        return rungs(self.horizon)

    def stop(self, trial: Trial) -> int:
        """See `Schedule.stop`."""
        if is_unpruned(trial):
            return self.horizon
        above = [rung for rung in self.rungs if rung > trial.reached]
        return above[1] if not trial.reached and len(above) > 2 and self._begins_late(trial) else above[0]

    def promotion(self, trials: Sequence[Trial], spent: float) -> Trial | None:
        """See `Schedule.promotion`; from the highest rung downwards."""
        for trial in self._fresh.since(trials):
            self._enter(trial)
        for rung in reversed(self.rungs[:-1]):
            leagues = sorted(self._leagues[rung].values(), key=lambda league: league.first)
            unpruned = (trial for league in leagues for trial in league.unpruned if is_paused(trial, rung))
            best = (own for league in leagues if (own := league.best_paused(rung)) is not None)
            promoted = next(chain(unpruned, best), None)
            if promoted is not None:
                self._fresh.expect(promoted)
                return promoted
        return None

    def _enter(self, trial: Trial) -> None:
        for rung in self.rungs[:-1]:
            score = trial.score_at(rung)
            if score is not None:
                name = _league(trial) if trial.outcomes[0].stop == rung else ALL
                losses = (-score, *self._costs(trial))
                self._leagues[rung][name].enter(trial, losses, goes_through=is_unpruned(trial))

    def _begins_late(self, trial: Trial) -> bool:
        fresh = [t for t in self._fresh_before.since(self.before) if t.phase == "census" and t.outcomes]
        if scored := [trial for trial in fresh if trial.score_after(self.rungs[0]) is not None]:
            self._early = sorted([*self._early, *scored], key=lambda trial: trial.number)
            self._ranks = shrunken_correlations(self._early, self.rungs[0])
        correlation = self._ranks.get(_league(trial), self._ranks.get(EVERY_FAMILY))
        return correlation is not None and correlation < LEAST_CORRELATION


def shrunken_correlations(census: Sequence[Trial], rung: int) -> dict[str, float]:
    """For each family how well its scores at a rung rank those at the end, drawn towards all families' mean.

    A handful of networks a family tell little alone, so the mean weighs as many as `PRIOR_NETWORKS`.

    Returns:
        The mean stands under `EVERY_FAMILY`; empty where nothing can be told.
    """
    pairs: dict[str, list[tuple[float, float]]] = {}
    for trial in census:
        early, final = trial.score_after(rung), trial.search_score
        if trial.finished and early is not None and final is not None:
            pairs.setdefault(trial.family, []).append((early, final))
    told = {family: rung_rank_correlation(*zip(*own, strict=True)) for family, own in pairs.items()}
    own = {family: (correlation, len(pairs[family])) for family, correlation in told.items() if correlation is not None}
    if not own:
        return {}
    mean = sum(correlation * count for correlation, count in own.values()) / sum(count for _, count in own.values())
    shrunken = {
        family: (correlation * count + mean * PRIOR_NETWORKS) / (count + PRIOR_NETWORKS)
        for family, (correlation, count) in own.items()
    }
    return {**shrunken, EVERY_FAMILY: mean}


def _league(trial: Trial) -> str:
    return trial.family if len(trial.architecture.families) == 1 else "hybrid"


def is_unpruned(trial: Trial) -> bool:
    """Whether a trial of the adaptive phase goes through to the end whatever its scores."""
    return int(trial.slot) % UNPRUNED_EVERY == 0
