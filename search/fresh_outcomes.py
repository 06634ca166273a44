"""FreshOutcomes: which trials have news, told at a cost of those in training and not of all there are."""

from __future__ import annotations

from collections.abc import Sequence

from search.trial import Trial


class FreshOutcomes:
    """Remembers how much of each trial was told.

    A trial that is neither in training nor expected to go on gets no outcome, so nobody looks at it again.
    """

    def __init__(self) -> None:
        self._read = 0
        self._awaited: dict[tuple[str, str], tuple[Trial, int]] = {}  # phase and slot -> a trial, its outcomes told

    def since(self, trials: Sequence[Trial]) -> list[Trial]:
        """Those that have an outcome that is new, and then those that are new themselves, in their order.

        Args:
            trials: those of the last time, and perhaps others behind them.
        """
        for trial in trials[self._read :]:
            self._awaited.pop((trial.phase, trial.slot), None)  # was expected before it was read: its turn is now
            self._awaited[trial.phase, trial.slot] = trial, -1
        self._read = len(trials)
        fresh = []
        for key, (trial, told) in list(self._awaited.items()):
            if len(trial.outcomes) > told:
                fresh.append(trial)
                self._awaited[key] = trial, len(trial.outcomes)
            if trial.outcomes and not trial.in_flight:
                del self._awaited[key]
        return fresh

    def expect(self, trial: Trial) -> None:
        """One that had paused goes on."""
        self._awaited.setdefault((trial.phase, trial.slot), (trial, len(trial.outcomes)))
