"""Full length: nothing is stopped early."""

from __future__ import annotations

from collections.abc import Sequence

from search.schedules import SCHEDULES, Schedule
from search.trial import Trial


@SCHEDULES.register("full_length")
class FullLength(Schedule):
    """Trains every proposal to the horizon."""

    @property
    def rungs(self) -> tuple[int, ...]:
        """See `Schedule.rungs`."""
        return (self.horizon,)

    def stop(self, trial: Trial) -> int:
        """See `Schedule.stop`."""
        return self.horizon

    def promotion(self, trials: Sequence[Trial], spent: float) -> Trial | None:
        """See `Schedule.promotion`."""
        return None
