"""What would decide what the verdict leaves open, from the facts that left it open."""

from __future__ import annotations

from search.plan import SHORTEST_MEANINGFUL_HORIZON, SMALL_BUDGET_SECONDS
from search.report.record import Record
from search.verdict.exclusion import MINIMUM_BLOCKS
from search.verdict.figures import counted, listed

TIMES = 4
"""As much of a budget halves intervals, as a rule."""


def what_would_decide(record: Record) -> list[str]:
    """One piece of advice an entry, on families and champion; of components the verdict's own list says it."""
    return [*_families(record), *_champion(record)]


def _families(record: Record) -> list[str]:
    verdict, advice = record.verdict, []
    if len(verdict.families) < 2 or verdict.winner is not None:
        return []
    trials, steps = verdict.families[0].trials, verdict.families[0].steps
    tried = f"{counted(trials, 'network')} of each family"
    if trials < MINIMUM_BLOCKS:
        advice.append(f"More networks: {tried} are too few for any test, at least {MINIMUM_BLOCKS} are needed.")
    elif len(verdict.winner_set) > 1:
        advice.append(
            f"More networks: {tried} were tried, and as a rule intervals halve with four times as many, "
            "which takes about four times the budget."
        )
    learning = [row.family for row in verdict.families if row.still_learning]
    if steps < SHORTEST_MEANINGFUL_HORIZON:
        advice.append(
            f"Longer training: {counted(steps, 'step')} were taken, and at least {SHORTEST_MEANINGFUL_HORIZON} are "
            "needed before a ranking means anything."
        )
    elif learning:
        advice.append(f"Longer training: {listed(learning)} still gained when trained for {2 * steps:,} steps.")
    return advice


def _champion(record: Record) -> list[str]:
    champion, budget = record.verdict.champion, record.specification.budget_seconds
    if champion is None or champion.beats_landmarks or champion.sealed_test is None:
        return []
    advice = "More seeds: they would tell smaller differences between the champion and the hand-designed networks"
    if budget is not None and budget < SMALL_BUDGET_SECONDS:
        return [f"{advice}; budgets from {SMALL_BUDGET_SECONDS // 60} minutes on confirm with ten."]
    return [f"{advice}, and a longer search finds better networks."]
