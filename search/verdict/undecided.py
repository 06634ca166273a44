"""The list of what a verdict leaves open, one question an entry."""

from search.verdict.caveats import BUDGETS, ChampionFacts
from search.verdict.comparison import FamilyComparison
from search.verdict.component_statements import ComponentFindings, hosts_to_decide, question
from search.verdict.contrasts import Decision
from search.verdict.exclusion import Kept
from search.verdict.fairness import FairnessRows
from search.verdict.figures import counted, listed

_REASONS = {
    Kept.TOO_FEW_TRIALS: "too few trials",
    Kept.TOO_MANY_RIVALS: "the evidence does not hold up among this many rivals",
    Kept.SHORT_TRAINING: "training was too short",
    Kept.NO_DOUBLING_CHECK: "the check with twice the training is missing",
    Kept.STILL_LEARNING: "still learning",
    Kept.CAUGHT_UP: "no longer behind when trained twice as long",
    Kept.GUESSING: "neither is shown to do better than one answer for all rows",
}


def undecided_questions(
    comparison: FamilyComparison,
    fairness: FairnessRows | None,
    champion: ChampionFacts | None,
    components: ComponentFindings,
) -> list[str]:
    """Returns what the comparison, the other budgets, the champion and the contrasts leave open."""
    questions = []
    equivalent = {row.family for row in comparison.rows if row.equivalent}
    rivals = [family for family in comparison.winner_set if family not in equivalent]
    if len(rivals) > 1:
        questions.append(f"which of {listed(rivals)} is best")
    questions += _of_rivals(comparison)
    unchecked = [row.family for row in comparison.rows if row.doubled is None and not row.all_failed]
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
    return questions + _of_components(components)


def _of_rivals(comparison: FamilyComparison) -> list[str]:
    """One entry for all that are kept for the same reason."""
    failed = [row for row in comparison.rows if row.all_failed]
    questions = [f"what {row.family} could do: all of its {counted(row.trials, 'trial')} failed" for row in failed]
    kept: dict[Kept, list[str]] = {}
    for row in comparison.rows:
        if row.kept is not None and not row.all_failed:
            kept.setdefault(row.kept, []).append(row.family)
    for reason, families in kept.items():
        verb = "is" if len(families) == 1 else "are"
        questions.append(f"whether {listed(families)} {verb} worse than {comparison.leader}: {_REASONS[reason]}")
    return questions


def _of_components(findings: ComponentFindings) -> list[str]:
    open_rows = [row for row in findings.rows if row.decision is Decision.UNDECIDED]
    questions = [f"{question(row)}: {hosts_to_decide(row)}" for row in open_rows]
    if findings.untested:
        questions.append(f"components ({', '.join(findings.untested)}) were not tested: {findings.advice}")
    return questions
