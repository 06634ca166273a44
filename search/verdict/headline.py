"""The first sentence of a verdict: who wins, or that nobody does."""

from collections.abc import Sequence

from search.verdict.comparison import FamilyComparison, FamilyRow
from search.verdict.exclusion import Kept
from search.verdict.figures import (
    are,
    counted,
    difference_figure,
    interval_figure,
    listed,
    score_figure,
    signed_figure,
)
from search.verdict.unit import Metric, figure_scale, gain, title


def headline(comparison: FamilyComparison, dataset: str, metric: Metric) -> str:
    """Returns the sentence that says who wins on the data, or why nobody is said to."""
    rows = list(comparison.rows)
    if not comparison.anything_finished:
        claim = "no verdict is possible: no configuration of any family finished training."
    elif len(rows) == 1:
        estimate = _expected_best(comparison, rows, metric)
        aside = f"({estimate}{_direction(metric, ', {}')})"
        claim = f"only {rows[0].family} was tried, so there is nothing to compare it with {aside}."
    elif comparison.winner is not None:
        claim = _sole_winner(comparison, metric)
    elif comparison.too_few_trials or comparison.short_training:
        claim = _no_preference(comparison, metric)
    else:
        claim = _no_single_winner(comparison, metric)
    return f"On {dataset}, {claim}"


def _sole_winner(comparison: FamilyComparison, metric: Metric) -> str:
    winner, following, *_ = comparison.rows
    rivals = len(comparison.rows) - 1
    estimate = _expected_best(comparison, [winner], metric) + _direction(metric, " ({})")
    excluded = f"{rivals} of {counted(rivals, 'rival')} excluded"
    return f"{winner.family} wins: {estimate}, {_margin(winner, following, metric)}, {excluded}, {_effort(comparison)}."


def _margin(winner: FamilyRow, following: FamilyRow, metric: Metric) -> str:
    """Returns `+.31 over the next family [.26, .36]`, or `.12 less than the next family [.10, .14]`.

    The interval of a difference is one of scores; its ends are told of a family that far behind the winner's estimate.
    """
    best, scale = winner.expected_best, figure_scale(metric)
    margin, low, high = (
        gain(metric, best, best - behind) for behind in (following.difference, *following.difference_interval)
    )
    told = f"{signed_figure(margin, scale)} over"
    if not metric.higher_is_better:
        told = f"{difference_figure(margin, scale)} less than"
    return f"{told} the next family {interval_figure((low, high), margin, scale)}"


def _no_preference(comparison: FamilyComparison, metric: Metric) -> str:
    values = listed(f"{row.family} {_estimate(row, metric)}" for row in comparison.rows)
    named = title(metric.name) + _direction(metric, ", {}")
    estimates = f"expected best of {comparison.best_of}, {named}: {values}"
    return f"no family can be preferred yet ({estimates}; {_effort(comparison)})."


def _no_single_winner(comparison: FamilyComparison, metric: Metric) -> str:
    alike = [row for row in comparison.rows if not row.excluded and row.kept in (None, Kept.TOO_MANY_RIVALS)]
    excluded = [row.family for row in comparison.rows if row.excluded]
    estimate = _expected_best(comparison, alike, metric) + _direction(metric, ", {}")
    if len(alike) > 1:
        claim = f"{listed(row.family for row in alike)} cannot be told apart ({estimate})"
    else:
        claim = f"{alike[0].family} is ahead ({estimate}), but not every rival can be excluded"
    if excluded:
        claim += f"; {listed(excluded)} {are(excluded)} excluded"
    return f"no single family wins: {claim}; {_effort(comparison)}."


def _expected_best(comparison: FamilyComparison, rows: Sequence[FamilyRow], metric: Metric) -> str:
    """Returns `expected best of 8 .976 and .970 accuracy`."""
    values = listed(_estimate(row, metric) for row in rows)
    return f"expected best of {comparison.best_of} {values} {title(metric.name)}"


def _direction(metric: Metric, aside: str) -> str:
    """Returns that lower is better, where it is, as an aside."""
    return "" if metric.higher_is_better else aside.format("lower is better")


def _estimate(row: FamilyRow, metric: Metric) -> str:
    return score_figure(metric.value(row.expected_best), figure_scale(metric))


def _effort(comparison: FamilyComparison) -> str:
    return f"{counted(comparison.trials, 'trial')} each, {counted(comparison.steps, 'optimizer step')}"
