"""What the command line prints of a study: verdict, champion, where to look next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from search.prior import influence
from search.settings import without_password
from search.study import Study
from search.tracking.address import experiment_page
from search.verdict.document import ChampionVerdict, FamilyVerdict, SealedTest, VerdictDocument
from search.verdict.figures import counted, interval_figure, score_figure, signed_figure, spread_figure
from search.verdict.reading import Standing, best_of, document_scale, standing
from search.verdict.unit import figure_scale, title
from spaces import Architecture
from workers.metric import Metric

BAR_CELLS = 11
DECISION_STYLES = {"helps": "green", "hurts": "red", "depends": "cyan", "undecided": "dim"}
COLUMNS_BESIDE_BAR = 19
"""What interval and gain may take of 80 columns where the interval is drawn too."""
_STYLES = {
    Standing.WINS: "bold green",
    Standing.MAY_BE_BEST: "cyan",
    Standing.STILL_LEARNING: "cyan",
    Standing.EXCLUDED: "dim",
    Standing.ALL_FAILED: "red",
}


def print_verdict(console: Console, document: VerdictDocument) -> None:
    """Sentence, family table, components, champion and budget."""
    console.print()
    console.print(Text(document.sentence, style="bold"))
    if document.families:
        console.print()
        console.print(family_table(document))
    if document.components:
        console.print()
        console.print(component_table(document))
    if document.champion is not None:
        console.print()
        _print_champion(console, document.champion, document_scale(document))
    budget = document.budget
    busy = "" if budget.worker_busy_share is None else f", workers busy {budget.worker_busy_share:.0%} of the time"
    console.print()
    spent = f"{budget.trials} trials, {budget.core_seconds:.0f} core seconds in {budget.wall_seconds:.0f} s"
    console.print(f"Budget     {spent}{busy}", highlight=False)
    for question in document.undecided:
        console.print(Text(f"Undecided  {question}", style="dim"))


def family_table(document: VerdictDocument) -> Table:
    """One row a family, best first, as wide as a terminal of 80 columns.

    Figures are values of the document's metric. The 95 % interval is also drawn to scale, unless failures or long
    figures need its place; p is Holm-adjusted, against the leader; `at 2×` is what twice the training added.
    """
    told = [_figures(row, document) for row in document.families]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("family", no_wrap=True)
    table.add_column(f"best of {best_of(document)}", justify="right", no_wrap=True)
    table.add_column("95 % interval", no_wrap=True)
    has_room = max(len(interval) + len(added) for _, interval, added in told) <= COLUMNS_BESIDE_BAR
    drawn = has_room and not any(row.failed for row in document.families)
    if drawn:
        table.add_column("", no_wrap=True)
    table.add_column("p", justify="right", no_wrap=True)
    table.add_column("at 2×", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    low = min(row.interval[0] for row in document.families)
    high = max(row.interval[1] for row in document.families)
    for row, (expected_best, interval, added) in zip(document.families, told, strict=True):
        words, style = _standing(row, document)
        table.add_row(
            Text(row.family, style=style),
            expected_best,
            Text(interval),
            *([Text(_bar(row, low, high), style=style)] if drawn else []),
            "" if row is document.families[0] else score_figure(row.p_adjusted),
            added,
            Text(words, style=style),
        )
    return table


def component_table(document: VerdictDocument) -> Table:
    """One row a contrast: by how much the option is better, in how many hosts, and what follows."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("component", overflow="fold")
    for column in ("better by", "95 % interval", "hosts", "p"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    scale = document_scale(document)
    for row in document.components:
        style = DECISION_STYLES.get(row.decision, "")
        table.add_row(
            Text(row.contrast.replace("_", " "), style=style),
            signed_figure(row.difference, scale),
            interval_figure(row.interval, row.difference, scale),
            f"{row.hosts_positive} of {row.hosts}",
            score_figure(row.p_adjusted),
            Text(row.decision, style=style),
        )
    return table


def _figures(row: FamilyVerdict, document: VerdictDocument) -> tuple[str, str, str]:
    """Expected best, its interval, and what twice the training added."""
    scale, sign = document_scale(document), 1 if document.higher_is_better else -1
    low, high = (score_figure(end, scale) for end in row.interval)
    added = "" if row.gain_on_doubling is None else signed_figure(sign * row.gain_on_doubling, scale)
    return score_figure(row.expected_best, scale), f"[{low}, {high}]", added


def _standing(row: FamilyVerdict, document: VerdictDocument) -> tuple[str, str]:
    """The words and their style."""
    stands = standing(row, document)
    failed = f", {row.failed} failed" if row.failed and stands is not Standing.ALL_FAILED else ""
    return stands + failed, _STYLES[stands]


def _bar(row: FamilyVerdict, low: float, high: float) -> str:
    """The interval as a line and the estimate as a dot, between the least and the largest end of all intervals."""
    span = (high - low) or 1.0

    def cell(value: float) -> int:
        return min(BAR_CELLS - 1, max(0, round((value - low) / span * (BAR_CELLS - 1))))

    left, right = cell(row.interval[0]), cell(row.interval[1])
    cells = ["─" if left <= index <= right else " " for index in range(BAR_CELLS)]
    cells[cell(row.expected_best)] = "●"
    return "".join(cells)


def _print_champion(console: Console, champion: ChampionVerdict, scale: float) -> None:
    architecture = Architecture(champion.architecture)  # type: ignore[arg-type]
    console.print(Text.assemble(("Champion   ", "bold"), str(architecture)))
    size = f"{champion.parameters:,} parameters, {champion.flops:,} FLOPs a row"
    console.print(f"           {size}, sealed test {_sealed(champion.sealed_test, scale)}", highlight=False)
    for landmark in champion.landmarks:
        sealed = _sealed(landmark.sealed_test, scale)
        console.print(f"           {landmark.name}: {sealed}", style="dim", highlight=False)


def _sealed(test: SealedTest | None, scale: float) -> str:
    if test is None:
        return "not opened: the budget left no trial for it"
    return f"{spread_figure(test.mean, test.sd, scale)} ({counted(test.seeds, 'fresh seed')})"


def print_next_steps(console: Console, study: Study) -> None:
    """How to look at the study again, here and in MLflow."""
    console.print()
    uri = study.specification.tracking_uri
    is_server = uri.startswith("http")
    page = f"open {without_password(uri).rstrip('/')}{experiment_page(uri, study.name)}" if is_server else None
    for number, line in enumerate([page or study.command("ui"), study.command("report")]):
        console.print(f"{'' if number else 'Review':<10} {line}", highlight=False, soft_wrap=True)


def print_studies(console: Console, rows: list[dict[str, Any]]) -> None:
    """One line a study."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("name", "state", "dataset", "created", "winner"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(row["name"], row["state"], Path(row["dataset"]).name, row["created"], row["winner"] or "")
    console.print(table)


def print_trials(
    console: Console,
    study: Study,
    metric: Metric,
    count: int = 10,
) -> None:
    """How many trials each phase had, and the best of those trained in full by the metric."""
    for phase, number in study.trials_by_phase().items():
        console.print(f"{phase:<14}{number:>5} trials", highlight=False)
    frame = study.trials()
    if frame.empty:
        return
    _print_failures(console, frame)
    if study.specification.prior is not None:
        origins = list(frame[frame["phase"] == "adaptive"]["from_prior"])
        console.print(Text(f"     {influence(study.specification.prior, origins)}", style="dim"))
    served = frame[frame["served_from"] != ""]
    for source, rows in served.groupby(served["served_from"].str.replace(r",? ?trial \d+$", "", regex=True)):
        console.print(Text(f"{len(rows):>4} served from the record of {source or 'this study'}", style="dim"))
    full = frame[frame["phase"].isin(["landmarks", "census", "adaptive"]) & (frame["state"] == "complete")]
    if full.empty:
        return
    table = Table(title="best on the search rows", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("trial", "phase", "family", f"search {title(metric.name)}", "parameters"):
        table.add_column(column, no_wrap=True)
    for _, row in full.sort_values("search_score", ascending=False).head(count).iterrows():
        value = score_figure(metric.value(row["search_score"]), figure_scale(metric))
        table.add_row(str(row["number"]), row["phase"], row["family"], value, f"{row['parameters']:,}")
    console.print(table)


def print_front(console: Console, front: pd.DataFrame, objectives: Sequence[str], metric: Metric) -> None:
    """The networks that are best in all objectives, one a line: the best first, the cheapest last."""
    title_ = f"best in {', '.join(objectives)}"
    table = Table(title=title_, box=None, padding=(0, 2, 0, 0), header_style="dim")
    costs = [name for name in ("parameters", "flops", "latency", "seconds") if front[name].notna().any()]
    for column in ("trial", "family", f"search {title(metric.name)}", *costs):
        table.add_column(column, no_wrap=True, justify="left" if column == "family" else "right")
    for _, row in front.iterrows():
        value = score_figure(row["value"], figure_scale(metric))
        table.add_row(str(row["trial"]), row["family"], value, *(_COST_FIGURES[name](row[name]) for name in costs))
    console.print(table)


_COST_FIGURES: Mapping[str, Callable[[float], str]] = {
    "parameters": lambda number: f"{number:,.0f}",
    "flops": lambda number: f"{number:,.0f}",
    "latency": lambda seconds: f"{1000 * seconds:.2f} ms",
    "seconds": lambda seconds: f"{seconds:.1f}",
}


def _print_failures(console: Console, frame: pd.DataFrame) -> None:
    """A line a kind of failure: how many trials, of which families, and what the reason ends in."""
    failed = frame[frame["state"] == "failed"]
    endings = failed["reason"].map(lambda reason: (reason.strip().splitlines() or ["for no known reason"])[-1])
    for reason, rows in failed.groupby(endings):
        families = ", ".join(sorted(set(rows["family"])))
        console.print(Text(f"{len(rows):>4} failed ({families}): {reason}", style="red"))
