"""What the command line prints of an evaluation."""

from __future__ import annotations

import statistics

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from search.evaluation.evaluation import Evaluation, Failure
from search.verdict.figures import counted, score_figure, signed_figure, spread_figure
from search.verdict.unit import title
from spaces import Architecture

BAR_CELLS = 30
INDENT = 10
"""Columns of the names on the left."""
LOWER = "lower is better"


def print_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Prints what was trained, what it takes, and how it scores beside the baseline."""
    facts = Table.grid(padding=(0, 1))
    facts.add_column(min_width=INDENT - 1, style="bold")
    facts.add_column(overflow="fold")
    facts.add_row("Network", Text(str(Architecture(evaluation.architecture))))
    facts.add_row("Cost", _cost_words(evaluation))
    facts.add_row("Data", _data_words(evaluation))
    for failure in evaluation.failures:
        facts.add_row("Failed", Text(_failure_words(failure), "red"))
    console.print()
    console.print(facts)
    console.print()
    console.print(Padding(_scores(evaluation), (0, 0, 0, INDENT)))


def _cost_words(evaluation: Evaluation) -> str:
    if evaluation.parameters is None or evaluation.flops is None or evaluation.activation_bytes is None:
        return "unknown: the network cannot be built"
    kilobytes = evaluation.activation_bytes / 1000
    size = counted(evaluation.parameters, "parameter")
    return f"{size}, {evaluation.flops:,} FLOPs and {kilobytes:,.1f} kB of activations a row"


def _data_words(evaluation: Evaluation) -> str:
    trainings = f"{counted(len(evaluation.scores), 'training')} of {counted(evaluation.steps, 'step')}"
    return f"{evaluation.dataset}; {trainings}, {statistics.fmean(evaluation.seconds):.1f} s each; test still sealed"


def _failure_words(failure: Failure) -> str:
    """The last line of the reason is the one that says it, also of a traceback."""
    (said,) = failure.reason.strip().splitlines()[-1:] or ["no reason known"]
    return f"seed {failure.seed} {failure.status.replace('_', ' ')}: {said}"


def _scores(evaluation: Evaluation) -> Table:
    """Both scores and their difference, drawn to scale: to that of the worse score where less is better."""
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(no_wrap=True)
    mean, baseline, difference = evaluation.mean, evaluation.baseline_mean, evaluation.difference
    full = 1.0 if evaluation.higher_is_better else max(baseline, mean or 0.0) or 1.0
    scale = min(1.0, full)
    table.add_row("", Text(title(evaluation.metric), "dim"), Text("" if evaluation.higher_is_better else LOWER, "dim"))
    if mean is None:
        table.add_row("network", "no score")
    else:
        table.add_row("network", spread_figure(mean, evaluation.sd, scale), Text(_bar(mean / full), "green"))
    table.add_row(evaluation.baseline, score_figure(baseline, scale), Text(_bar(baseline / full), "dim"))
    if difference is not None:
        is_better = difference > 0 if evaluation.higher_is_better else difference < 0
        table.add_row(
            "difference", Text(signed_figure(difference, scale), "bold green" if is_better else "bold yellow")
        )
    return table


def _bar(share: float) -> str:
    """A share of what is drawn in full as a line."""
    return "━" * round(BAR_CELLS * share)
