"""KnownTrainings: outcomes on record, so that the very same training is never done twice."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from search.phases import Segment
from search.trial import Trial
from workers.outcome import Outcome, Status

REPEATABLE = (Status.TRAINED, Status.DIVERGED)
"""How a training ends that would end so again; memory and time depend on what else a machine does."""


class KnownTrainings:
    """What became of trainings of the same data by the same metric.

    Two trainings are the same if candidate, division, seed, horizon, segment and whether the sealed test is opened are,
    and if the same code, torch, kind of device and machine makes them. What makes those of this study is told by its
    own outcomes, so its first training is always done.

    Args:
        earlier: trials of other studies by the study's name.
        own: trials of this study, as far as it went.
    """

    def __init__(self, earlier: Mapping[str, Sequence[Trial]], own: Sequence[Trial]) -> None:
        self._known: dict[Hashable, Outcome] = {}
        self._makers: set[str] = set()
        for study, trials in earlier.items():
            for trial in trials:
                self._enter(trial, trial.outcomes, f"study {study}, trial {trial.number}")
        for trial in own:
            self._makers.update(outcome.maker for outcome in trial.outcomes)
            self._enter(trial, trial.outcomes, f"trial {trial.number}")

    def add(self, trial: Trial) -> None:
        """Enters the latest outcome of a trial of this study."""
        self._makers.add(trial.outcomes[-1].maker)
        self._enter(trial, trial.outcomes[-1:], f"trial {trial.number}")

    def outcome_of(self, trial: Trial, segment: Segment, measures_latency: bool) -> Outcome | None:
        """What the segment of a trial would end in, where that is known; not where its network must be kept."""
        if segment.keeps_checkpoint or trial.phase == "timing":
            return None
        for maker in sorted(self._makers - {""}):
            known = self._known.get(_key(trial, trial.reached, segment.stop, segment.opens_test, maker))
            if known is not None and (not measures_latency or known.latency_seconds is not None or known.failed):
                return replace(known, trial=trial.number)
        return None

    def _enter(self, trial: Trial, outcomes: Sequence[Outcome], where: str) -> None:
        for outcome in outcomes:
            if outcome.status in REPEATABLE and outcome.maker and not outcome.served_from and trial.phase != "timing":
                opened = trial.phase == "confirmation"
                key = _key(trial, outcome.start, outcome.stop, opened, outcome.maker)
                self._known.setdefault(key, replace(outcome, served_from=where))


def _key(trial: Trial, start: int, stop: int, opens_test: bool, maker: str) -> Hashable:
    return trial.candidate, trial.division, trial.seed, trial.horizon, start, stop, opens_test, maker
