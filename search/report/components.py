"""The components: what is inside a network of any family, on and off in the same hosts."""

from __future__ import annotations

from collections.abc import Mapping

from search.report.record import Record
from search.report.scale import Scale

DECISIONS: Mapping[str, str] = {
    "helps": "helps",
    "hurts": "hurts",
    "equivalent": "no practical difference",
    "undecided": "undecided",
    "depends": "depends on the host",
}
"""The document's words as people read them."""


def difference_scale(record: Record) -> Scale:
    """The axis that holds all intervals, and nought."""
    rows = record.verdict.components
    return Scale.around([0.0, *(value for row in rows for value in (*row.interval, row.difference))])
