"""Top after an epoch: many short trainings, then the best of them at full length."""

from __future__ import annotations

from collections.abc import Sequence

from search.schedules import Schedule
from search.trial import Trial

SHORT_SHARE = 0.5
"""Of the phase, in which trainings of one epoch start."""
MOST_PROMOTED = 1 / 3
"""Of the trials."""


class TopAfterAnEpoch(Schedule):
    """Trains proposals for one epoch, for half of the phase; then those that were best go on, best first."""

    @property
    def rungs(self) -> tuple[int, ...]:
        """See `Schedule.rungs`."""
        return tuple(sorted({self.epoch, self.horizon}))

    def stop(self, trial: Trial) -> int:
        """See `Schedule.stop`."""
        return self.horizon if trial.reached else self.epoch

    def takes_new(self, spent: float) -> bool:
        """See `Schedule.takes_new`."""
        return spent < SHORT_SHARE

    def promotion(self, trials: Sequence[Trial], spent: float) -> Trial | None:
        """See `Schedule.promotion`."""
        paused = [t for t in trials if t.reached == self.epoch < self.horizon and not t.in_flight and not t.failed]
        promoted = sum(trial.reached == self.horizon or trial.stop == self.horizon for trial in trials)
        if spent < SHORT_SHARE or not paused or promoted >= MOST_PROMOTED * len(trials):
            return None
        return max(paused, key=lambda trial: trial.score_at(self.epoch) or 0.0)
