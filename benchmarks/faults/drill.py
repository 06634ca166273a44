"""Drill: one kind of fault, how often it struck, and what became of the studies that it struck."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.record import Record
from search import Study


@dataclass
class Result:
    """A row of the table.

    Attributes:
        fault: what was done.
        times: how often.
        pauses: seconds from each fault to the next trial that ended.
        studies: how many were struck, all of which ended and were whole.
        differs: what of them differs from the undisturbed run.
        notes: what else is to be told.
    """

    fault: str
    times: int = 0
    pauses: list[float] = field(default_factory=list)
    studies: int = 0
    differs: list[str] = field(default_factory=list)
    notes: str = ""

    def take(self, study: Study, undisturbed: Record) -> None:
        """Checks a study that has ended, and compares it."""
        self.studies += 1
        self.differs += Record.of(study).differences(undisturbed)

    def row(self) -> str:
        """As a line of a Markdown table."""
        pauses = f"{statistics.median(self.pauses):.0f} ({max(self.pauses):.0f})" if self.pauses else "–"
        same = "; ".join(dict.fromkeys(self.differs)) or "nothing"
        return f"| {self.fault} | {self.times} | {self.studies} | {pauses} | {same} | {self.notes} |"


HEADER = (
    "| fault | times | studies | seconds until work went on: median (most) | differs | |\n|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Scene:
    """What a drill begins with.

    Attributes:
        folder: for its own files.
        undisturbed: the same study where nothing happened, and
        seconds: how long that took, from the start of its runner to its end.
    """

    folder: Path
    undisturbed: Record
    seconds: float


Drill = Callable[[Scene], Result]
