"""The ledger: what has been learnt over all studies of a database, about families on kinds of data.

A data set counts once, by the study with the most trials on it, and only where its trainings were long enough for a
ranking to mean something. Nothing here feeds a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from search.specification import Specification
from search.studied_set import largest_studies
from search.verdict.bootstrap import Interval
from search.verdict.document import VerdictDocument

SMALLEST_DEVIATION = 0.005
"""Of an estimate; an interval without width, of families that are all perfect say, is not taken at its word."""


@dataclass(frozen=True)
class LedgerEntry:
    """What a study found out about the families.

    Attributes:
        study: its name.
        dataset: the data set's name, and
        fingerprint: of its arrays.
        modality: image, series, tokens or tabular.
        trials: of the study.
        steps: of the shortest full training that families were compared by.
        winner: the family that won, if one did.
        winner_set: the families that may be best.
        advantages: family -> its expected best score less the mean of all families', and
        deviations: family -> the standard error of that.
    """

    study: str
    dataset: str
    fingerprint: str
    modality: str
    trials: int
    steps: int
    winner: str | None
    winner_set: tuple[str, ...]
    advantages: dict[str, float]
    deviations: dict[str, float]

    @classmethod
    def of(cls, specification: Specification, document: VerdictDocument) -> LedgerEntry:
        """The entry of a finished study; of scores, in which 0 is chance or nothing and 1 perfect for every metric."""
        metric, families = specification.metric, document.families
        levels = np.array([metric.score(row.expected_best) for row in families])
        ends = np.array([[metric.score(end) for end in row.interval] for row in families]).reshape(-1, 2)
        deviations = np.maximum(np.abs(ends[:, 1] - ends[:, 0]) / (2 * 1.96), SMALLEST_DEVIATION)
        variances, count = deviations**2, max(1, len(families))
        # of the difference from a mean that the family is part of, families being trained independently
        against_mean = variances * (1 - 2 / count) + variances.sum() / count**2
        names = [row.family for row in families]
        return cls(
            study=document.study,
            dataset=document.dataset,
            fingerprint=specification.dataset_fingerprint,
            modality=specification.modality or "unknown",
            trials=document.budget.trials,
            steps=min((row.steps for row in families), default=0),
            winner=document.winner,
            winner_set=document.winner_set,
            advantages=dict(zip(names, (levels - levels.mean() if names else levels).tolist(), strict=True)),
            deviations=dict(zip(names, np.sqrt(against_mean).tolist(), strict=True)),
        )


@dataclass(frozen=True)
class FamilyRecord:
    """A family on all data sets of a modality.

    Attributes:
        family: its name.
        sets: data sets it was tried on.
        won: on how many of them it won.
        may_be_best: on how many it may be best.
        advantage: over the mean of all families, in score; pooled over the sets where there are several.
        interval: 95 %, of the mean over sets like these; None for a single set, which says nothing about others.
    """

    family: str
    sets: int
    won: int
    may_be_best: int
    advantage: float
    interval: Interval | None


def one_a_set(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """The largest study of families on each data set, in the order of the sets' names; see `largest_studies`."""
    largest = largest_studies(entry for entry in entries if len(entry.advantages) > 1)
    return sorted(largest, key=lambda entry: (entry.dataset, entry.fingerprint))


def family_records(entries: Sequence[LedgerEntry]) -> list[FamilyRecord]:
    """How each family did on these data sets, the largest advantage first."""
    families = sorted({family for entry in entries for family in entry.advantages})
    records = []
    for family in families:
        tried = [entry for entry in entries if family in entry.advantages]
        mean, interval = pooled([e.advantages[family] for e in tried], [e.deviations[family] for e in tried])
        won, may = sum(e.winner == family for e in tried), sum(family in e.winner_set for e in tried)
        records.append(FamilyRecord(family, len(tried), won, may, mean, interval))
    return sorted(records, key=lambda record: -record.advantage)


def pooled(estimates: Sequence[float], deviations: Sequence[float]) -> tuple[float, Interval | None]:
    """The mean over data sets that differ among themselves, and its 95 % interval.

    A random-effects mean: with v_i the variance of estimate y_i and τ² that between sets, weights are 1/(v_i + τ²), so
    that many rows on one set do not drown the others. τ² is DerSimonian and Laird's (1986),
    max(0, (Q − (k − 1)) / (Σw − Σw²/Σw)) with w_i = 1/v_i and Q = Σ w_i (y_i − ȳ_w)². The interval is Hartung and
    Knapp's (2001), t with k − 1 degrees of freedom, and never narrower than the plain one would be.
    """
    y, variances = np.asarray(estimates, float), np.asarray(deviations, float) ** 2
    if len(y) == 1:
        return float(y[0]), None
    weights = 1 / variances
    spread = float(weights @ (y - weights @ y / weights.sum()) ** 2) - (len(y) - 1)
    between = max(0.0, spread / (weights.sum() - (weights**2).sum() / weights.sum()))
    weights = 1 / (variances + between)
    mean = float(weights @ y / weights.sum())
    ratio = float(weights @ (y - mean) ** 2) / (len(y) - 1)
    half = float(stats.t.ppf(0.975, len(y) - 1)) * float(np.sqrt(max(1.0, ratio) / weights.sum()))
    return mean, (mean - half, mean + half)
