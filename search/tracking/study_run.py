"""What the parent run of a study and its experiment say. Nothing here knows MLflow."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from search.prior import Prior
from search.trial import Trial, TrialState
from search.verdict.document import ChampionVerdict, SealedTest, VerdictDocument
from search.verdict.figures import counted, score_figure, spread_figure
from search.verdict.reading import document_scale, standing
from spaces import Architecture

LONGEST_DESCRIPTION = 8000
"""Characters of the tag that MLflow shows as a description."""
ELSEWHERE = "*The rest is in verdict.json among the artifacts.*"


def description(document: VerdictDocument, page: str, artifacts: Sequence[str], prior: str = "") -> str:
    """The verdict as Markdown: sentence, families, champion, components, what is undecided.

    Args:
        document: the verdict.
        page: address of the parent run in MLflow's UI.
        artifacts: names of its artifacts, linked below the sentence.
        prior: what earlier studies had to do with its search.
    """
    links = " · ".join(f"[{name}]({page}/artifacts/{name})" for name in artifacts)
    sections = [document.sentence, links, _families(document)]
    if document.champion is not None:
        sections.append(_champion(document.champion, document_scale(document)))
    if document.components:
        sections.append(_components(document))
    if document.undecided:
        sections.append("**Undecided**\n\n" + "\n".join(f"- {line}" for line in document.undecided))
    budget = document.budget
    sections.append(
        f"{counted(budget.trials, 'trial')}, {budget.core_seconds:,.0f} s of training in {budget.wall_seconds:,.0f} s. "
        f"{prior} Read it again: `penchant verdict {document.study}`"
    )
    return _fitting(sections)


def _fitting(sections: Iterable[str]) -> str:
    """As many whole sections as a description may hold; verdict.json has them all."""
    text = ""
    for section in filter(None, sections):
        longer = f"{text}\n\n{section}".strip()
        if len(longer) + len(ELSEWHERE) + 2 > LONGEST_DESCRIPTION:
            return f"{text}\n\n{ELSEWHERE}".strip()
        text = longer
    return text


def _families(document: VerdictDocument) -> str:
    if not document.families:
        return ""
    scale = document_scale(document)
    rows = [
        (
            f"**{row.family}**" if row.in_winner_set else row.family,
            score_figure(row.expected_best, scale),
            "[{}, {}]".format(*(score_figure(end, scale) for end in row.interval)),
            str(row.trials),
            str(row.failed),
            score_figure(row.p_adjusted),
            standing(row, document),
        )
        for row in document.families
    ]
    return _table(("family", f"expected best {document.metric}", "interval", "trials", "failed", "p", "verdict"), rows)


def _champion(champion: ChampionVerdict, scale: float) -> str:
    network = Architecture(champion.architecture)  # type: ignore[arg-type]
    size = f"{champion.parameters:,} parameters, {champion.flops:,} FLOPs a row"
    rows = [("**champion**", _sealed(champion.sealed_test, scale))]
    rows += [(landmark.name, _sealed(landmark.sealed_test, scale)) for landmark in champion.landmarks]
    return f"**Champion** `{network}`: {size}\n\n{_table(('network', 'sealed test'), rows)}"


def _components(document: VerdictDocument) -> str:
    scale = document_scale(document)
    rows = [
        (
            f"{row.component}: {row.contrast}",
            score_figure(row.difference, scale),
            "[{}, {}]".format(*(score_figure(end, scale) for end in row.interval)),
            str(row.hosts),
            score_figure(row.p_adjusted),
            row.decision,
        )
        for row in document.components
    ]
    return _table(("component", "difference", "interval", "hosts", "p", "decision"), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _sealed(test: SealedTest | None, scale: float) -> str:
    if test is None:
        return "not opened"
    return f"{spread_figure(test.mean, test.sd, scale)} ({counted(test.seeds, 'fresh seed')})"


def study_tags(document: VerdictDocument, prior: Prior | None = None) -> dict[str, str]:
    """What parents of several studies are found and told apart by."""
    return {
        "dataset": document.dataset,
        "metric": document.metric,
        "winner": document.winner or "none",
        "winner_set": json.dumps(document.winner_set),
        "prior": ", ".join(each.study for each in prior.sets) if prior else "none",
    }


def study_metrics(document: VerdictDocument) -> dict[str, float]:
    """The figures of the verdict that studies are compared by."""
    budget = document.budget
    figures: dict[str, float | None] = {f"expected_best.{row.family}": row.expected_best for row in document.families}
    figures |= {name: getattr(budget, name) for name in ("trials", "core_seconds", "wall_seconds", "worker_busy_share")}
    if document.champion is not None and document.champion.sealed_test is not None:
        figures["champion.sealed_test"] = document.champion.sealed_test.mean
    return {name: float(value) for name, value in figures.items() if value is not None}


def leaderboard(trials: Iterable[Trial]) -> str:
    """Trials trained to the end, best search score first, as a CSV table, which MLflow's UI shows."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    columns = ("trial", "network", "families", "phase", "search_score", "confirm_score", "test_score")
    table.writerow((*columns, "parameters", "seconds", "steps"))
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    for trial in sorted(complete, key=lambda trial: -(trial.search_score or 0.0)):
        scores = (trial.search_score, trial.confirm_score, trial.test_score)
        cost = (trial.parameter_count, round(trial.seconds, 3), trial.reached)
        table.writerow((trial.number, str(trial.architecture), trial.family, trial.phase, *scores, *cost))
    return text.getvalue()
