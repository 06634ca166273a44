"""Baseline: what a network is scored beside, on the same rows and by the same metric."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from search.evaluation.bigrams import bigram_predictions
from search.evaluation.linear import linear_predictions
from spaces.shapes import Kind
from workers.metrics import MEASURES
from workers.rows import Rows

BASELINES: Mapping[Kind, str] = {
    Kind.CLASSIFICATION: "logistic regression",
    Kind.REGRESSION: "ridge regression",
    Kind.NEXT_TOKEN: "bigram counts",
}
"""Kind of task -> what its baseline is called."""


def baseline_score(rows: Rows) -> float:
    """Score on the confirm rows of the baseline, fitted to the train rows; within [0, 1], as a network's is."""
    predictions = bigram_predictions if rows.task.kind is Kind.NEXT_TOKEN else linear_predictions
    measure = MEASURES[rows.metric.name]
    kept, truths = zip(*((measure.keep(outputs, y), y) for outputs, y in predictions(rows)), strict=True)
    return rows.metric.score(measure.conclude(torch.cat(kept), torch.cat(truths)))
