"""EventLog: enters what happens in a study among its events, for whoever follows it from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from search.observer import Observer
from search.phases.ranking import COMPARABLE_PHASES
from search.storage.events import EventStore
from search.storage.writer import Writer
from search.trial import Trial, TrialState
from search.verdict.document import VerdictDocument
from workers.metric import Metric


class EventLog(Observer):
    """Writes an event when a phase starts, when a trial ends, and when there is a verdict.

    A trial's end is entered once: what an earlier run was killed before it could enter is entered when the study
    resumes.

    Args:
        store: where events are kept.
        study: name of the study.
        metric: what scores are told in.
        writer: writes them in its thread, after what is known of the trials.
    """

    def __init__(self, store: EventStore, study: str, metric: Metric, writer: Writer) -> None:
        self._store = store
        self._study = study
        self._metric = metric
        self._writer = writer
        self._ended: Counter[str] = Counter()
        self._best: float | None = None

    def study_starts(self, known: list[Trial]) -> None:
        """See `Observer`."""
        entered = self._store.trials(self._study)
        for trial in known:
            if trial.state is not TrialState.RUNNING:
                self._count(trial)
                if trial.number not in entered:
                    self._enter(trial)

    def phase_starts(self, phase: str, expected: int | None) -> None:
        """See `Observer`."""
        data = {"phase": phase, "expected": expected, "ended": self._ended[phase]}
        self._writer.write(self._store.append, self._study, "phase", data)

    def trial_ends(self, trial: Trial) -> None:
        """See `Observer`."""
        self._count(trial)
        self._enter(trial)

    def study_ends(self, document: VerdictDocument, report: Callable[[], str]) -> None:
        """See `Observer`."""
        self._writer.settle()
        data = {"sentence": document.sentence, "winner": document.winner}
        told = self._store.latest("verdict", [self._study]).get(self._study)
        if told is None or told.data != data:
            self._store.append(self._study, "verdict", data)

    def _count(self, trial: Trial) -> None:
        self._ended[trial.phase] += 1
        score = trial.search_score
        if trial.phase in COMPARABLE_PHASES and trial.state is TrialState.COMPLETE and score is not None:
            self._best = score if self._best is None else max(self._best, score)

    def _enter(self, trial: Trial) -> None:
        data = {
            "trial": trial.number,
            "phase": trial.phase,
            "family": trial.family,
            "state": trial.state.value,
            "score": self._told(trial.search_score),
            "ended": self._ended[trial.phase],
            "best": self._told(self._best),
            "metric": self._metric.name,
        }
        self._writer.write(self._store.append, self._study, "trial", data, trial.number)

    def _told(self, score: float | None) -> float | None:
        return None if score is None else self._metric.value(score)
