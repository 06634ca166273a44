"""Watching: the events of a study as lines for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from search.verdict.figures import counted, score_figure
from search.verdict.unit import title

TRIALS_A_LINE = 10


def told(events: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """A line for a change of state, a phase, every tenth trial of a phase, an error and the verdict.

    Args:
        events: kind and data of each.
    """
    expected: dict[str, int | None] = {}
    for kind, data in events:
        if kind == "phase":
            expected[data["phase"]] = data["expected"]
            count = "" if data["expected"] is None else f", {counted(data['expected'], 'trial')}"
            yield f"{data['phase']}: starts{count}"
        elif kind == "trial":
            if data["ended"] % TRIALS_A_LINE == 0 or data["ended"] == expected.get(data["phase"]):
                yield f"{data['phase']}: {data['ended']} ended{_best(data)}"
        else:
            yield data.get("state") or data.get("sentence") or data.get("message") or kind


def _best(data: dict[str, Any]) -> str:
    best = data["best"]
    return "" if best is None else f" · best {score_figure(best)} {title(data['metric'])}"
