"""Asynchronous successive halving, fair between families, from the first rung whose scores rank well enough."""

from __future__ import annotations

from collections.abc import Sequence

from search.objectives import CostsOf, no_costs
from search.schedules import SCHEDULES, Schedule
from search.trial import Trial
from search.verdict.rung_audit import rung_rank_correlation
from workers.rungs import ETA, rungs

UNPRUNED_EVERY = 5
"""Every fifth trial goes through to the end, to measure how well the early rungs rank."""
LEAST_CORRELATION = 0.25
"""Rank correlation below which a third of the length to begin with finds better networks than a ninth.

From a simulation: final scores are normal, those at R/3 correlate with them by r and those at R/9 by r², the best third
goes on at each rung. With time for 5, 10 and 20 full trainings the best found is the same at r² = .3, .25 and .2.
"""
PRIOR_NETWORKS = 8
EVERY_FAMILY = "every family"


@SCHEDULES.register("halving")
class Halving(Schedule):
    """Decides which paused trial goes on. Li et al. 2020 (ASHA), with rungs R/9, R/3 and R.

    At its first rung a trial competes with its own family alone, since recurrent networks learn more slowly, and
    hybrids with hybrids; above it with all. A family whose scores at R/9 say little of those at R begins at R/3: the
    census, whose networks are all trained to the end and scored in passing, tells which.
    """

    def __init__(self, horizon: int, epoch: int, before: Sequence[Trial] = (), costs: CostsOf = no_costs) -> None:
        super().__init__(horizon, epoch, before, costs)
        self._audited = -1  # trials of the census that the correlations are from
        self._ranks: dict[str, float] = {}

    @property
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
        for level in reversed(range(len(self.rungs) - 1)):
            for trial in self._promotable(trials, level):
                return trial
        return None

    def _promotable(self, trials: Sequence[Trial], level: int) -> list[Trial]:
        rung = self.rungs[level]
        scored = [trial for trial in trials if trial.score_at(rung) is not None]
        groups: dict[str, list[Trial]] = {}
        for trial in scored:
            groups.setdefault(_league(trial) if trial.outcomes[0].stop == rung else "all", []).append(trial)
        best = [trial for group in groups.values() for trial in self.best_first(group, rung)[: len(group) // ETA]]
        through = [trial for trial in scored if is_unpruned(trial)]
        return [t for t in through + best if t.reached == rung and not t.in_flight and not t.failed]

    def _begins_late(self, trial: Trial) -> bool:
        early = [t for t in self.before if t.phase == "census" and t.score_after(self.rungs[0]) is not None]
        if self._audited != len(early):
            self._audited, self._ranks = len(early), shrunken_correlations(early, self.rungs[0])
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
