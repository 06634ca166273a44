"""Progress: what a person sees while a study runs, live on a terminal and as plain lines elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from search.observer import Observer
from search.phases.ranking import COMPARABLE_PHASES
from search.trial import Trial, TrialState
from search.verdict.figures import score_figure
from search.verdict.unit import figure_scale, title
from workers.metric import Metric

SECONDS_BETWEEN_LINES = 10.0


class _Tally(Observer):
    """Counts what both displays show."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self.phase = "starting"
        self.expected: int | None = None
        self.ended: Counter[str] = Counter()  # by phase: the last of one may end when the next has begun
        self.failed = self.served = 0
        self.best: Trial | None = None

    def study_starts(self, known: list[Trial]) -> None:
        for trial in known:
            if trial.state is not TrialState.RUNNING:
                _Tally.trial_ends(self, trial)

    def phase_starts(self, phase: str, expected: int | None) -> None:
        self.phase, self.expected = phase, expected

    def trial_ends(self, trial: Trial) -> None:
        self.ended[trial.phase] += 1
        if self.expected is not None:  # others may leave the phase more than it was to have when it began
            self.expected = max(self.expected, self.ended[self.phase])
        self.failed += trial.state is TrialState.FAILED
        self.served += bool(trial.served_from)
        if trial.phase in COMPARABLE_PHASES and trial.state is TrialState.COMPLETE:
            best = self.best.search_score if self.best else None
            if best is None or (trial.search_score or 0.0) > best:
                self.best = trial

    def facts(self) -> str:
        """Best so far with its families, and failures."""
        best = "no full training yet" if self.best is None else self._told(self.best)
        counts = {"failed": self.failed, "from the record": self.served}
        return " · ".join([best, *(f"{count} {what}" for what, count in counts.items() if count)])

    def _told(self, best: Trial) -> str:
        value = score_figure(self._metric.value(best.search_score or 0.0), figure_scale(self._metric))
        return f"best {value} {title(self._metric.name)} ({best.family})"


class PlainProgress(_Tally):
    """A line when a phase starts and one every ten seconds.

    Args:
        console: where to, standard error on the command line.
        time_left: seconds until the budget ends, or None.
        metric: what scores are told in.
    """

    def __init__(self, console: Console, time_left: Callable[[], float | None], metric: Metric) -> None:
        super().__init__(metric)
        self._console = console
        self._time_left = time_left
        self._last_line = time.monotonic()

    def study_starts(self, known: list[Trial]) -> None:
        """See `Observer`."""
        super().study_starts(known)
        self._console.print("starting")

    def phase_starts(self, phase: str, expected: int | None) -> None:
        """See `Observer`."""
        super().phase_starts(phase, expected)
        self._print()

    def trial_ends(self, trial: Trial) -> None:
        """See `Observer`."""
        super().trial_ends(trial)
        if time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._print()

    def _print(self) -> None:
        self._last_line = time.monotonic()
        ended = self.ended[self.phase]
        count = f"{ended}/{self.expected}" if self.expected is not None else f"{ended}"
        line = f"{self.phase}: {count} trials · {self.facts()}{_left(self._time_left())}"
        self._console.print(line, highlight=False, soft_wrap=True)


class LiveProgress(_Tally):
    """One line that changes in place, and one left behind for each finished phase; arguments as `PlainProgress`."""

    def __init__(self, console: Console, time_left: Callable[[], float | None], metric: Metric) -> None:
        super().__init__(metric)
        self._time_left = time_left
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[facts]}", style="dim"),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def study_starts(self, known: list[Trial]) -> None:
        """See `Observer`."""
        super().study_starts(known)
        self._progress.start()
        self._tasks[self.phase] = self._progress.add_task(self.phase, total=None, facts="")

    def phase_starts(self, phase: str, expected: int | None) -> None:
        """See `Observer`."""
        self._finish_task()
        super().phase_starts(phase, expected)
        done = self.ended[phase]
        self._tasks[phase] = self._progress.add_task(phase, total=expected, completed=done, facts=self.facts())

    def trial_ends(self, trial: Trial) -> None:
        """See `Observer`."""
        super().trial_ends(trial)
        if self.phase in self._tasks:
            facts = self.facts() + _left(self._time_left())
            done, expected = self.ended[self.phase], self.expected
            self._progress.update(self._tasks[self.phase], completed=done, total=expected, facts=facts)
        if trial.phase != self.phase and trial.phase in self._tasks:
            count = self.ended[trial.phase]
            self._progress.update(self._tasks[trial.phase], total=count, completed=count)

    def close(self) -> None:
        """See `Observer`."""
        self._finish_task()
        self._progress.stop()

    def _finish_task(self) -> None:
        if self.phase in self._tasks:
            task, count = self._tasks[self.phase], self.ended[self.phase]
            self._progress.update(task, total=count, completed=count, facts=self.facts())
            self._progress.stop_task(task)


def progress_display(
    console: Console,
    time_left: Callable[[], float | None],
    metric: Metric,
) -> Observer:
    """The live display on a terminal, plain lines elsewhere."""
    return (LiveProgress if console.is_interactive else PlainProgress)(console, time_left, metric)


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f" · {max(0, round(seconds / 10) * 10)} s left" if seconds < 120 else f" · {round(seconds / 60)} min left"
