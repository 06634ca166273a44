"""Observer: whoever follows a study while it runs, such as the progress display and MLflow."""

from __future__ import annotations

from collections.abc import Callable

from search.trial import Trial
from search.verdict.document import VerdictDocument


class Observer:
    """Told what happens in a study; every method may be left as it is, doing nothing."""

    def study_starts(self, known: list[Trial]) -> None:
        """The study starts or resumes; `known` holds the trials of earlier runs."""

    def phase_starts(self, phase: str, expected: int | None) -> None:
        """A phase starts with so many trials, where that is known."""

    def segment_ends(self, trial: Trial) -> None:
        """The latest outcome of a trial is given to the record."""

    def trial_ends(self, trial: Trial) -> None:
        """A trial is complete, pruned or failed; nothing of it will change."""

    def study_ends(self, document: VerdictDocument, report: Callable[[], str]) -> None:
        """The study ends in this verdict; `report` writes its report, an HTML page, for whoever wants it."""

    def close(self) -> None:
        """The study stops, finished or not; waits for whatever is still being written."""
