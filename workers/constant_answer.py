"""Constant answer: the best that a prediction can be that is the same for all rows."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import entropy

from spaces.shapes import Kind
from workers.datasets import Dataset


def constant_score(dataset: Dataset) -> float:
    """The score of the best answer that looks at no row, see `Metric`, on the development rows.

    Of numbers that is their mean; of classes the most frequent one, or with probabilities their shares; of tokens their
    shares, whatever came before. A network that does no better has learned nothing of the rows.
    """
    if dataset.task.kind is Kind.REGRESSION:
        return 0.0  # of R² and RMSE the mean's, as scores are defined
    y = dataset.y
    if y.ndim == 2 and dataset.lengths is not None:
        y = y[np.arange(y.shape[1]) < dataset.lengths[:, None]]
    shares = np.bincount(y.ravel()) / y.size
    nats = float(entropy(shares))
    values = {
        "accuracy": float(shares.max()),
        "balanced_accuracy": 1 / np.count_nonzero(shares),
        "log_loss": nats,
        "perplexity": math.exp(nats),
        "auroc": 0.5,
    }
    return dataset.metric.score(values[dataset.metric.name])
