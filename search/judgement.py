"""Judgement: the verdict document of a study, from its recorded trials alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from search.contrast_evidence import component_findings
from search.evidence import Confirmed, censuses, rung_rank_correlations
from search.plan import SHORTEST_MEANINGFUL_HORIZON
from search.trial import Trial
from search.verdict.comparison import FamilyComparison, FamilyRow
from search.verdict.component_statements import component_gain
from search.verdict.contrasts import ContrastRow
from search.verdict.document import BudgetSpent, ComponentVerdict, FairnessVerdict, FamilyVerdict, VerdictDocument
from search.verdict.fairness import FairnessRows, fairness_rows
from search.verdict.families import compare_families
from search.verdict.sentence import verdict_sentence
from search.verdict.unit import gain, value_interval
from spaces import InvalidInput, SearchSpace
from spaces.shapes import Task
from workers.metric import Metric

EPSILON = 0.01  # of a score, from 0 to 1; a smaller difference makes none in practice


@dataclass(frozen=True)
class Case:
    """What a judgement is about; no data are needed.

    Attributes:
        study: its name.
        dataset: the name of the data.
        metric: what scores are told in.
        task: what networks are built for.
        space: what was asked for; its families took part.
        seed: the study's; makes resampling repeatable.
        horizon: optimizer steps of a full training.
        epsilon: of a score, from 0 to 1; a smaller difference makes none in practice.
        best_of: m of the expected best; None takes 8 from 24 trials a family on, below that a fifth of them.
        networks: what families were compared by, in words; None where that is all of the space.
        constant_score: what one answer for all rows scores; None where that is not known.
    """

    study: str
    dataset: str
    metric: Metric
    task: Task
    space: SearchSpace
    seed: int
    horizon: int
    epsilon: float = EPSILON
    best_of: int | None = None
    networks: str | None = None
    constant_score: float | None = None

    def __post_init__(self) -> None:
        """Checks the settings.

        Raises:
            InvalidInput: one of them is none.
        """
        if self.best_of is not None and self.best_of < 1:
            raise InvalidInput(f"m: found {self.best_of}, expected a whole number from 1 on")
        if not 0 < self.epsilon < 1:
            raise InvalidInput(f"epsilon: found {self.epsilon}, expected a score between 0 and 1")


def judge(case: Case, trials: Sequence[Trial], spent: BudgetSpent) -> VerdictDocument:
    """The verdict on a study's trials, whose scores it tells as values of the data's metric."""
    evidence = censuses(trials, case.space.families)
    comparison = compare_families(
        evidence,
        best_of=case.best_of,
        epsilon=case.epsilon,
        seed=case.seed,
        minimum_steps=SHORTEST_MEANINGFUL_HORIZON,
        score_bounds=(0.0, 1.0),
        constant_score=-math.inf if case.constant_score is None else case.constant_score,
    )
    fairness, audit = fairness_rows(evidence, comparison), rung_rank_correlations(trials)
    name, metric = case.dataset, case.metric
    confirmed = Confirmed(trials, case.horizon, case.space, metric)
    components = component_findings(
        trials, case.space, len(evidence), case.epsilon, spent, small_networks=case.networks is not None
    )
    text = verdict_sentence(
        comparison,
        dataset=name,
        metric=metric,
        champion=confirmed.facts(),
        fairness=fairness,
        components=components,
        networks=case.networks,
    )
    return VerdictDocument(
        study=case.study,
        dataset=name,
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        sentence=text.sentence,
        winner=comparison.winner,
        winner_set=comparison.winner_set,
        families=tuple(_family(row, comparison, metric, audit.get(row.family)) for row in comparison.rows),
        components=tuple(_component(row, metric) for row in components.rows),
        champion=confirmed.document(case.task),
        fairness=_fairness(fairness),
        budget=spent,
        undecided=tuple(text.undecided),
    )


def budget_spent(trials: Sequence[Trial], seconds: float, slots: int) -> BudgetSpent:
    """What a study spent.

    Args:
        trials: all of them.
        seconds: wall-clock time it has run.
        slots: trainings at a time.
    """
    core_seconds = sum(trial.trained_seconds for trial in trials)
    return BudgetSpent(
        trials=len(trials),
        core_seconds=core_seconds,
        wall_seconds=seconds,
        worker_busy_share=core_seconds / (slots * seconds),
    )


def _family(row: FamilyRow, comparison: FamilyComparison, metric: Metric, ranks: float | None) -> FamilyVerdict:
    doubled = row.doubled
    return FamilyVerdict(
        family=row.family,
        trials=row.trials,
        failed=row.failed,
        expected_best=metric.value(row.expected_best),
        interval=value_interval(metric, row.interval),
        p_adjusted=row.p_adjusted,
        in_winner_set=row.family in comparison.winner_set,
        curve=tuple(metric.value(score) for score in row.curve),
        steps=row.steps,
        gain_on_doubling=gain(metric, doubled.at_double, doubled.at_horizon) if doubled else None,
        still_learning=row.still_learning,
        rung_rank_correlation=ranks,
    )


def _component(row: ContrastRow, metric: Metric) -> ComponentVerdict:
    difference, interval = component_gain(row, metric)
    return ComponentVerdict(
        component=row.component,
        contrast=f"{row.option} vs {row.reference}",
        difference=difference,
        interval=interval,
        effect_size=row.effect_size,
        hosts=row.hosts,
        hosts_positive=row.hosts_positive,
        p_adjusted=row.p_adjusted,
        decision=row.decision.value,
        hosts_needed=row.hosts_needed,
    )


def _fairness(rows: FairnessRows) -> FairnessVerdict:
    return FairnessVerdict(
        equal_trials=rows.equal_trials,
        equal_parameters=rows.equal_parameters,
        equal_time=rows.equal_time,
        agree=rows.agree,
    )
