"""Asynchronous successive halving, fair between families."""

from __future__ import annotations

from collections.abc import Sequence

from search.schedules import SCHEDULES, Schedule
from search.trial import Trial
from workers.rungs import ETA, rungs

UNPRUNED_EVERY = 5
"""Every fifth trial goes through to the end, to measure how well the early rungs rank."""


@SCHEDULES.register("halving")
class Halving(Schedule):
    """Decides which paused trial goes on. Li et al. 2020 (ASHA), with rungs R/9, R/3 and R.

    At the first rung a trial competes with its own family alone, since recurrent networks learn more slowly, and
    hybrids with hybrids; above it with all.
    """

    @property
    def rungs(self) -> tuple[int, ...]:
        """See `Schedule.rungs`."""
        return rungs(self.horizon)

    def stop(self, trial: Trial) -> int:
        """See `Schedule.stop`."""
        return self.horizon if is_unpruned(trial) else next(rung for rung in self.rungs if rung > trial.reached)

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
            groups.setdefault(_league(trial) if level == 0 else "all", []).append(trial)
        best = [
            trial
            for group in groups.values()
            for trial in sorted(group, key=lambda t: -(t.score_at(rung) or 0.0))[: len(group) // ETA]
        ]
        through = [trial for trial in scored if is_unpruned(trial)]
        return [t for t in through + best if t.reached == rung and not t.in_flight and not t.failed]


def _league(trial: Trial) -> str:
    return trial.family if len(trial.architecture.families) == 1 else "hybrid"


def is_unpruned(trial: Trial) -> bool:
    """Whether a trial of the adaptive phase goes through to the end whatever its scores."""
    return int(trial.slot) % UNPRUNED_EVERY == 0
