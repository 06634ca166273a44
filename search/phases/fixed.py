"""A phase whose trials are all known when it begins."""

from __future__ import annotations

from collections.abc import Sequence

from search.phases import Phase, Segment, next_slot
from search.trial import Trial
from workers.engine import Signal


class FixedPhase(Phase):
    """Trains a list of trials, each to its horizon in one segment.

    Args:
        wanted: the trials in the order they start.
    """

    def __init__(self, wanted: Sequence[Trial]) -> None:
        self.wanted = wanted

    def next(self, trials: Sequence[Trial]) -> Segment | Signal:
        """See `Phase.next`."""
        trial = next_slot(self.wanted, trials)
        return Signal.DONE if trial is None else self.segment(trial)

    def expected(self) -> int | None:
        """See `Phase.expected`."""
        return len(self.wanted)
