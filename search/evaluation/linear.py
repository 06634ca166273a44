"""The linear models that a network is scored beside: logistic regression of classes, ridge regression of numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

from spaces import Task
from spaces.shapes import Kind
from workers.rows import Rows

BATCH_ROWS = 1024
"""Rows that are predicted at a time: images may be larger than memory."""

MOST_NUMBERS = 2**28
"""Numbers that are fitted to, a gigabyte; of more, every second row or every third is, and so on."""


def linear_predictions(rows: Rows) -> Iterator[tuple[Tensor, Tensor]]:
    """Fits to the train rows, which are standardized, and predicts the confirm rows batch after batch.

    Yields:
        Scores of classes `(batch, classes)`, or numbers `(batch,)` in their own unit; and what is true.
    """
    task, train, confirm = rows.task, rows.train, rows.confirm
    fitted = slice(None, None, -(-len(train) * prod(task.row_shape) // MOST_NUMBERS))
    model = _fitted(flat(train.inputs(fitted), task), train.y[fitted].numpy(), task)
    for start in range(0, len(confirm), BATCH_ROWS):
        batch = slice(start, start + BATCH_ROWS)
        yield _predicted(model, flat(confirm.inputs(batch), task), task), confirm.y[batch]


def _fitted(x: NDArray[np.float32] | csr_array, y: NDArray[Any], task: Task) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    if task.kind is Kind.REGRESSION:
        return Ridge().fit(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many iterations are near enough for a comparison
        return LogisticRegression(max_iter=1000).fit(x, y)


def _predicted(model: Any, x: NDArray[np.float32] | csr_array, task: Task) -> Tensor:
    if task.kind is Kind.REGRESSION:
        return torch.from_numpy(model.predict(x))
    scores = torch.from_numpy(model.decision_function(x))
    if scores.ndim == 1:  # of two classes the second's, against 0
        scores = torch.stack([torch.zeros_like(scores), scores], dim=1)
    outputs = scores.new_full((len(scores), task.outputs), -torch.inf)
    outputs[:, torch.from_numpy(model.classes_)] = scores
    return outputs


def flat(inputs: tuple[Tensor, ...], task: Task) -> NDArray[np.float32] | csr_array:
    """Rows as vectors: `(rows, positions * channels)` of numbers, `(rows, steps * vocabulary)` of tokens.

    Tokens are one-hot at each step; padded steps are zero.

    Args:
        inputs: x, and lengths where there are any, see `Labelled.inputs`.
        task: what they are.
    """
    x, *lengths = (each.numpy() for each in inputs)
    if task.vocabulary is None:
        return x.reshape(len(x), -1)
    ends = lengths[0] if lengths else np.full(len(x), x.shape[1])
    row, step = np.nonzero(np.arange(x.shape[1]) < ends[:, None])
    column = step * task.vocabulary + x[row, step]
    return csr_array((np.ones(len(row)), (row, column)), shape=(len(x), x.shape[1] * task.vocabulary))
