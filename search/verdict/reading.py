"""How a verdict document is read by whoever shows it: where a family stands, and how its figures are rounded."""

from enum import StrEnum

from search.verdict.document import FamilyVerdict, VerdictDocument
from search.verdict.families import default_best_of


class Standing(StrEnum):
    """Where a family stands, in the words that people read."""

    WINS = "wins"
    MAY_BE_BEST = "may be best"
    STILL_LEARNING = "still learning"
    EXCLUDED = "excluded"
    ALL_FAILED = "all failed"


def standing(row: FamilyVerdict, document: VerdictDocument) -> Standing:
    """Returns where a family stands in the verdict."""
    if row.failed == row.trials:
        return Standing.ALL_FAILED
    if row.family == document.winner:
        return Standing.WINS
    if not row.in_winner_set:
        return Standing.EXCLUDED
    return Standing.STILL_LEARNING if row.still_learning else Standing.MAY_BE_BEST


def best_of(document: VerdictDocument) -> int:
    """Returns m of the expected best; all families have equally many trials. 0 where none was compared."""
    trials = document.families[0].trials if document.families else 0
    return min(default_best_of(trials), trials)


def document_scale(document: VerdictDocument) -> float:
    """Returns what figures are rounded by: 1, or the worst value there is to show of a metric that is smaller."""
    ends = [row.interval[1] for row in document.families]
    return 1.0 if document.higher_is_better or not ends else min(1.0, max(ends))
