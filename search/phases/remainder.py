"""Remainder: of a phase that ended before its study was interrupted, what was still being trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.phases import Phase, Segment
from search.trial import Trial, TrialState
from workers.engine import Signal


class Remainder(Phase):
    """Trains again what was interrupted, and starts nothing new, even where a resumed study's clock lags behind.

    Args:
        phase: that had ended.
    """

    def __init__(self, phase: Phase) -> None:
        self.name = phase.name
        self.lets_next_start = phase.lets_next_start
        self._phase = phase

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        for trial in trials:
            if trial.state is TrialState.RUNNING and trial.was_interrupted:
                return replace(self._phase.segment(trial), stop=trial.stop)
        return Signal.DONE

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return self._phase.expected()
