"""How a verdict document is read by whoever shows it: where a family stands, and how its figures are rounded."""

import math
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
    """Returns m of the expected best: the usual one unless the curves say another. 0 where none was compared."""
    rows = document.families
    trials = rows[0].trials if rows else 0
    usual = min(default_best_of(trials), trials)
    told = [m for m in range(1, trials + 1) if all(_is_best_of(m, row) for row in rows)]
    return usual if usual in told or not told else told[0]


def _is_best_of(m: int, row: FamilyVerdict) -> bool:
    return m <= len(row.curve) and math.isclose(row.curve[m - 1], row.expected_best)


def document_scale(document: VerdictDocument) -> float:
    """Returns what figures are rounded by: 1, or the worst value there is to show of a metric that is smaller."""
    ends = [row.interval[1] for row in document.families]
    return 1.0 if document.higher_is_better or not ends else min(1.0, max(ends))
