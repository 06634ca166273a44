"""The first sentence of a verdict: who wins, or that nobody does."""

from dataclasses import dataclass

from search.verdict.comparison import FamilyComparison, FamilyRow
from search.verdict.exclusion import Kept
from search.verdict.figures import are, counted, listed, margin_figure, score_figure


@dataclass(frozen=True)
class Naming:
    """How the data and the scores are called.

    Attributes:
        dataset: The name of the data.
        metric: The name of the metric.
        higher_is_better: False where scores are the metric with its sign flipped; figures flip it back.
    """

    dataset: str
    metric: str
    higher_is_better: bool

    @property
    def sign(self) -> int:
        """What turns a score back into the metric."""
        return 1 if self.higher_is_better else -1

    @property
    def unit(self) -> str:
        """The metric as a person reads it."""
        return self.metric.replace("_", " ") + ("" if self.higher_is_better else " (lower is better)")

    def expected_best(self, best_of: int, rows: list[FamilyRow]) -> str:
        """Returns `expected best of 8 .976 and .970 accuracy`."""
        figures = listed(score_figure(self.sign * row.expected_best) for row in rows)
        return f"expected best of {best_of} {figures} {self.unit}"


def headline(comparison: FamilyComparison, naming: Naming) -> str:
    """Returns the sentence that says who wins on the data, or why nobody is said to."""
    rows = list(comparison.rows)
    if not comparison.anything_finished:
        claim = "no verdict is possible: no configuration of any family finished training."
    elif len(rows) == 1:
        estimate = naming.expected_best(comparison.best_of, rows)
        claim = f"only {rows[0].family} was tried, so there is nothing to compare it with ({estimate})."
    elif comparison.winner is not None:
        claim = _sole_winner(comparison, naming)
    elif comparison.too_few_trials or comparison.short_training:
        claim = _no_preference(comparison, naming)
    else:
        claim = _no_single_winner(comparison, naming)
    return f"On {naming.dataset}, {claim}"


def _sole_winner(comparison: FamilyComparison, naming: Naming) -> str:
    winner, following, *_ = comparison.rows
    rivals = len(comparison.rows) - 1
    low, high = sorted(naming.sign * end for end in following.difference_interval)
    over = "over the next family" if naming.higher_is_better else "against the next family"
    margin = margin_figure(naming.sign * following.difference, (low, high), over)
    estimate = naming.expected_best(comparison.best_of, [winner])
    excluded = f"{rivals} of {counted(rivals, 'rival')} excluded"
    return f"{winner.family} wins: {estimate}, {margin}, {excluded}, {_effort(comparison)}."


def _no_preference(comparison: FamilyComparison, naming: Naming) -> str:
    scores = listed(f"{row.family} {score_figure(naming.sign * row.expected_best)}" for row in comparison.rows)
    estimates = f"expected best of {comparison.best_of}, {naming.unit}: {scores}"
    return f"no family can be preferred yet ({estimates}; {_effort(comparison)})."


def _no_single_winner(comparison: FamilyComparison, naming: Naming) -> str:
    alike = [row for row in comparison.rows if not row.excluded and row.kept in (None, Kept.TOO_MANY_RIVALS)]
    excluded = [row.family for row in comparison.rows if row.excluded]
    estimate = naming.expected_best(comparison.best_of, alike)
    if len(alike) > 1:
        claim = f"{listed(row.family for row in alike)} cannot be told apart ({estimate})"
    else:
        claim = f"{alike[0].family} is ahead ({estimate}), but not every rival can be excluded"
    if excluded:
        claim += f"; {listed(excluded)} {are(excluded)} excluded"
    return f"no single family wins: {claim}; {_effort(comparison)}."


def _effort(comparison: FamilyComparison) -> str:
    return f"{counted(comparison.trials, 'trial')} each, {counted(comparison.steps, 'optimizer step')}"
