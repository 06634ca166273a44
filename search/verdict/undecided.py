"""The list of what a verdict leaves open, one question an entry."""

from search.verdict.caveats import BUDGETS, ChampionFacts
from search.verdict.comparison import FamilyComparison
from search.verdict.exclusion import Kept
from search.verdict.fairness import FairnessRows
from search.verdict.figures import listed

COMPONENTS = "components (connection, gate, attention kind, initialization, normalization, position) were not tested"

_REASONS = {
    Kept.TOO_FEW_TRIALS: "too few trials",
    Kept.TOO_MANY_RIVALS: "the evidence does not hold up among this many rivals",
    Kept.SHORT_TRAINING: "training was too short",
    Kept.NO_DOUBLING_CHECK: "the check with twice the training is missing",
    Kept.STILL_LEARNING: "still learning",
    Kept.CAUGHT_UP: "no longer behind when trained twice as long",
}


def undecided_questions(
    comparison: FamilyComparison, fairness: FairnessRows | None, champion: ChampionFacts | None
) -> list[str]:
    """Returns what the comparison, the other budgets and the champion leave open; never empty."""
    questions = []
    if len(comparison.winner_set) > 1:
        questions.append(f"which of {listed(comparison.winner_set)} is best")
    for row in comparison.rows:
        if row.kept is not None:
            questions.append(f"whether {row.family} is worse than {comparison.leader}: {_REASONS[row.kept]}")
    unchecked = [row.family for row in comparison.rows if row.doubled is None]
    if unchecked:
        questions.append(
            f"whether the ranking lasts with longer training: {listed(unchecked)} not trained twice as long"
        )
    for row_name, budget in BUDGETS.items():
        if fairness is None or row_name in fairness.not_computed:
            questions.append(f"whether the verdict holds at {budget}")
    if champion is None:
        questions.append("how well a champion does on the sealed test: none was confirmed")
    elif champion.beats_landmarks is None:
        questions.append("whether the champion beats the hand-designed networks")
    return [*questions, COMPONENTS]
