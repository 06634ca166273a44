"""The sentences that limit a verdict: too little evidence, rivals kept for a reason, other budgets, the champion."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.verdict.comparison import FamilyComparison, FamilyRow
from search.verdict.exclusion import FURTHER_DOUBLINGS, MINIMUM_BLOCKS, Kept
from search.verdict.fairness import FairnessRows
from search.verdict.figures import (
    are,
    counted,
    difference_figure,
    listed,
    score_figure,
    signed_figure,
    spread_figure,
)
from search.verdict.unit import Metric, figure_scale, gain, title

BUDGETS = {"equal_parameters": "equal parameter counts", "equal_time": "equal compute time"}


@dataclass(frozen=True)
class ChampionFacts:
    """What the sentence needs to know about the champion.

    Attributes:
        families: The families its operations come from.
        sealed_mean: Its mean on the sealed test, a value of the metric.
        sealed_sd: The standard deviation over the seeds, None for a single one.
        seeds: How many seeds.
        beats_landmarks: Whether it is shown to be better there than the hand-designed networks, None if they were not
            compared.
    """

    families: tuple[str, ...]
    sealed_mean: float
    sealed_sd: float | None
    seeds: int
    beats_landmarks: bool | None


def evidence_caveats(comparison: FamilyComparison, metric: Metric, networks: str | None = None) -> list[str]:
    """Returns by what families were compared, which failed throughout, and why nothing can be excluded at all."""
    if not comparison.anything_finished or len(comparison.rows) < 2:
        return []
    failed = [row.family for row in comparison.rows if row.all_failed]
    caveats = [f"families were compared by small networks: {networks}."] if networks else []
    if failed:
        caveats.append(f"all trials of {listed(failed)} failed.")
    if comparison.guessing:
        known = metric.value(comparison.settings.constant_score)
        answer = f"one answer for all rows ({title(metric.name)} {score_figure(known, figure_scale(metric))})"
        caveats.append(f"no family is shown to do better than {answer}.")
    if comparison.too_few_trials:
        trials = counted(comparison.trials, "trial")
        caveats.append(f"with {trials} a family no test can tell families apart; at least {MINIMUM_BLOCKS} are needed.")
    if comparison.short_training:
        steps, minimum = counted(comparison.steps, "optimizer step"), comparison.settings.minimum_steps
        needed = f"at least {minimum:,} are needed before a ranking means anything"
        caveats.append(f"training was short: {steps}, {needed}, so no family is excluded.")
    return caveats


def doubling_caveats(comparison: FamilyComparison, metric: Metric) -> list[str]:
    """Returns which rivals the doubling check keeps, and which families are still learning."""
    caveats = []
    unchecked = comparison.kept_because(Kept.NO_DOUBLING_CHECK)
    if unchecked and all(row.doubled is None for row in comparison.rows):
        caveats.append("no family was retrained for twice as long to check the ranking, so none is excluded.")
    elif unchecked:
        missing = "the check with twice the training is missing"
        caveats.append(f"{listed(unchecked)} {are(unchecked)} behind but not excluded: {missing}.")
    caught_up = comparison.kept_because(Kept.CAUGHT_UP)
    if caught_up:
        caveats.append(f"{listed(caught_up)} {are(caught_up)} not excluded: trained twice as long, no longer behind.")
    return caveats + _still_learning(comparison, metric)


def _still_learning(comparison: FamilyComparison, metric: Metric) -> list[str]:
    rows = [row for row in comparison.rows if row.still_learning and row.family != comparison.winner]
    if len(comparison.rows) < 2:
        return []
    steps = max(2 * comparison.steps, comparison.settings.minimum_steps)
    settling = f"a study with at least {steps:,} steps could settle it"
    behind = f"{FURTHER_DOUBLINGS} more doublings like that one, or a little better, would leave {{}} behind"
    caveats = []
    for excluded, consequence in ((False, settling), (True, behind)):
        if own := [row for row in rows if row.excluded is excluded]:
            names = [row.family for row in own]
            gained = f"{_gained(own, metric)} when trained twice as long"
            told = consequence.format("it" if len(own) == 1 else "them")
            caveats.append(f"{listed(names)} {are(names)} still learning: {gained}; {told}.")
    return caveats


def _gained(rows: Sequence[FamilyRow], metric: Metric) -> str:
    """Returns `it gained +.03`, or `its RMSE fell by .12`; of several, `they gained +.03 and +.05`."""
    scale, several = figure_scale(metric), len(rows) > 1
    gains = [gain(metric, row.doubled.at_double, row.doubled.at_horizon) for row in rows if row.doubled]
    if metric.higher_is_better:
        return f"{'they' if several else 'it'} gained {listed(signed_figure(each, scale) for each in gains)}"
    falls = listed(difference_figure(each, scale) for each in gains)
    return f"{'their' if several else 'its'} {title(metric.name)} fell by {falls}"


def budget_caveats(fairness: FairnessRows) -> list[str]:
    """Returns whether another budget has another winner; rows that were not computed say nothing."""
    caveats = []
    for row, budget in BUDGETS.items():
        winner = getattr(fairness, row)
        if row in fairness.not_computed or winner == fairness.equal_trials:
            continue
        if winner is None:
            caveats.append(f"the verdict may depend on the budget: at {budget} no family wins.")
        else:
            caveats.append(f"the verdict depends on the budget: at {budget} {winner} wins.")
    return caveats


def champion_statements(champion: ChampionFacts, comparison: FamilyComparison, metric: Metric) -> list[str]:
    """Returns how the best network did on the sealed test, and where it does not fit the verdict."""
    statements = _families_of_champion(champion, comparison)
    mean = spread_figure(champion.sealed_mean, champion.sealed_sd, figure_scale(metric))
    test = f"sealed test {mean} ({counted(champion.seeds, 'seed')})"
    if champion.beats_landmarks:
        statements.append(f"{test}, better than the hand-designed networks.")
    else:
        statements.append(f"{test}.")
    if champion.beats_landmarks is False:
        statements.append("the best network found is not shown to beat the hand-designed networks.")
    return statements


def _families_of_champion(champion: ChampionFacts, comparison: FamilyComparison) -> list[str]:
    compared = {row.family: row.excluded for row in comparison.rows}
    excluded = [family for family in champion.families if compared.get(family, False)]
    unknown = [family for family in champion.families if family not in compared]
    remarks = [f"{listed(excluded)} {are(excluded)} outside the winner set"] if excluded else []
    remarks += [f"{listed(unknown)} {are(unknown)} not among the families compared"] if unknown else []
    made_of = f"the best single network found is made of {listed(champion.families)}"
    return [f"{made_of}; {listed(remarks)}."] if remarks else []
