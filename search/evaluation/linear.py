"""The linear classifier that a network is scored beside."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from spaces import Task
from workers.rows import Labelled, Rows


def linear_score(rows: Rows, task: Task) -> float:
    """Accuracy on the confirm rows of a logistic regression fitted to the train rows, which are standardized."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many iterations are near enough for a comparison
        classifier = LogisticRegression(max_iter=1000).fit(flat(rows.train, task), rows.train.y.numpy())
    return float(classifier.score(flat(rows.confirm, task), rows.confirm.y.numpy()))


def flat(part: Labelled, task: Task) -> NDArray[np.float32] | csr_array:
    """Rows as vectors: `(rows, positions * channels)` of numbers, `(rows, steps * vocabulary)` of tokens.

    Tokens are one-hot at each step; padded steps are zero.
    """
    x = part.x.numpy()
    if task.vocabulary is None:
        return x.reshape(len(x), -1)
    steps = np.arange(x.shape[1])
    lengths = np.full(len(x), x.shape[1]) if part.lengths is None else part.lengths.numpy()
    row, step = np.nonzero(steps < lengths[:, None])
    column = step * task.vocabulary + x[row, step]
    return csr_array((np.ones(len(row)), (row, column)), shape=(len(x), x.shape[1] * task.vocabulary))
