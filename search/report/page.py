"""The page: its sections in the order in which they are read."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from search.report.record import Record
from search.report.told import Told
from search.verdict import reading
from search.verdict.unit import title


def report_page(record: Record) -> str:
    """The report of a study, one HTML page that needs no other file and no network."""
    verdict = record.verdict
    return (
        _environment()
        .get_template("page.html")
        .render(
            record=record,
            verdict=verdict,
            metric=title(verdict.metric),
            best_of=reading.best_of(verdict),
            standing=lambda row: reading.standing(row, verdict),
            told=Told(verdict),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("search.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
