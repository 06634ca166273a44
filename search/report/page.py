"""The page: its sections in the order in which they are read. `templates/` holds their words and pictures."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from search.prior import influence
from search.report import best_so_far, champion, components, families, fronts, method, open_questions, training
from search.report.record import Record
from search.report.scale import Scale
from search.report.told import Told, duration
from search.verdict import reading
from search.verdict.figures import score_figure
from search.verdict.unit import title

BUDGETS = {
    "equal_trials": "numbers of networks",
    "equal_parameters": "sizes of networks",
    "equal_time": "time to train",
}
CHIPS = {
    reading.Standing.WINS: "good",
    reading.Standing.MAY_BE_BEST: "maybe",
    reading.Standing.STILL_LEARNING: "maybe",
    reading.Standing.ALL_FAILED: "bad",
    "helps": "good",
    "hurts": "bad",
    "undecided": "maybe",
    "depends": "maybe",
}
"""Colours of what was decided; all else is grey."""


def report_page(record: Record) -> str:
    """The report of a study, one HTML page that needs no other file and no network."""
    context = _whole(record) | _families(record) | _networks(record) | _training(record)
    return _environment().get_template("page.html").render(context)


def _whole(record: Record) -> dict[str, Any]:
    """What all sections speak of, and the short ones."""
    verdict = record.verdict
    return {
        "verdict": verdict,
        "metric": title(verdict.metric),
        "date": f"{record.created.day} {record.created:%B %Y}",
        "sentences": re.split(r"(?<=\.)\s+(?=[A-Z])", verdict.sentence),
        "told": Told(verdict),
        "chip": _chip,
        "plural": lambda count, noun: noun if count == 1 else f"{noun}s",
        "duration": duration,
        "figure": lambda value: score_figure(value, reading.document_scale(verdict)).replace("-", "−"),
        "best_of": reading.best_of(verdict),
        "advice": open_questions.what_would_decide(record),
        "specification": record.specification,
        "phases": method.phases(record),
        "machines": method.machines(record),
        "prior": influence(record.specification.prior, [trial.from_prior for trial in record.of_phase("adaptive")]),
        "asked": method.Asked.of(record.specification),
        "longer": method.Asked.of(record.specification, times=open_questions.TIMES),
        "is_timed": record.specification.budget_seconds is not None,
    }


def _families(record: Record) -> dict[str, Any]:
    """The verdict on families and components."""
    plot = families.expected_best_plot(record)
    return {
        "families": families.families(record),
        "interval_scale": families.interval_scale(record),
        "curve_plot": plot,
        "curves": families.expected_best_curves(record, plot) if plot else [],
        "budgets": BUDGETS,
        "component_scale": components.difference_scale(record),
        "decisions": components.DECISIONS,
    }


def _networks(record: Record) -> dict[str, Any]:
    """The best network, and how the search came upon it."""
    return {
        "diagram": champion.diagram(record) if record.verdict.champion else "",
        "finalists": champion.finalists(record),
        "sealed_scale": champion.sealed_scale(record),
        "final_steps": max((trial.horizon for trial in record.of_phase("confirmation")), default=0),
        "so_far": best_so_far.best_so_far(record),
        "fronts": fronts.fronts(record),
    }


def _training(record: Record) -> dict[str, Any]:
    """Learning curves, the audit of early scores, failures."""
    plot, rows = training.learning_plot(record), record.verdict.families
    return {
        "learning_plot": plot,
        "panels": training.learning_panels(record, plot) if plot else [],
        "most_curves": training.MOST_CURVES,
        "ranked": [each for each in families.families(record) if rows[each.place].rung_rank_correlation is not None],
        "rank_scale": Scale(-1.0, 1.0),
        "failures": training.failures(record),
    }


def _chip(decision: str) -> Markup:
    """What was decided, in its colour."""
    words = components.DECISIONS.get(decision, decision)
    return Markup('<span class="chip {}">{}</span>').format(CHIPS.get(decision, ""), words)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("search.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
