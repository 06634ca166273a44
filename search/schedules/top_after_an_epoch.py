"""Top after an epoch: many short trainings, then the best of them at full length."""

from __future__ import annotations

from collections.abc import Sequence

from search.schedules import SCHEDULES, Schedule
from search.trial import Trial

SHORT_SHARE = 0.5
"""Of the phase, in which trainings of one epoch start."""
MOST_PROMOTED = 1 / 3
"""Of the trials."""
FEWEST = 6
"""Trials below which there is no choice."""


@SCHEDULES.register("top_after_an_epoch")
class TopAfterAnEpoch(Schedule):
    """Trains proposals for one epoch, for half of the phase; then those that were best go on, best first."""

    @property
    def rungs(self) -> tuple[int, ...]:
        """See `Schedule.rungs`."""
        return tuple(sorted({self.epoch, self.horizon}))

    def stop(self, trial: Trial) -> int:
        """See `Schedule.stop`."""
        return self.horizon if trial.reached else self.epoch

    def takes_new(self, trials: Sequence[Trial], spent: float) -> bool:
        """See `Schedule.takes_new`; where the phase began late a few start nevertheless."""
        return spent < SHORT_SHARE or (spent < 1 and len(trials) < FEWEST)

    def promotion(self, trials: Sequence[Trial], spent: float) -> Trial | None:
        """See `Schedule.promotion`."""
        paused = [t for t in trials if t.reached == self.epoch < self.horizon and not t.in_flight and not t.failed]
        promoted = sum(trial.reached == self.horizon or trial.stop == self.horizon for trial in trials)
        if self.takes_new(trials, spent) or not paused or promoted >= MOST_PROMOTED * len(trials):
            return None
        return max(paused, key=lambda trial: trial.score_at(self.epoch) or 0.0)
