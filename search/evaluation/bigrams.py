"""Bigram counts: how often each token follows each, which a network that predicts tokens is scored beside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

from workers.rows import NO_TOKEN, Labelled, Rows

BATCH_TOKENS = 1024
"""Tokens that are predicted at a time: each has a probability of every token."""


def bigram_predictions(rows: Rows) -> Iterator[tuple[Tensor, Tensor]]:
    """Counts in the train rows and predicts the confirm rows batch after batch.

    Every count is one more than was seen, so that nothing is impossible (add-one smoothing; Jurafsky & Martin, Speech
    and Language Processing, chapter 3).

    Yields:
        Logarithms of the probabilities of all tokens `(batch, vocabulary)`; and the token that followed.
    """
    vocabulary = rows.task.outputs
    before, after = _pairs(rows.train)
    counts = csr_array((np.ones(len(before)), (before, after)), shape=(vocabulary, vocabulary))
    before, after = _pairs(rows.confirm)
    for start in range(0, len(before), BATCH_TOKENS):
        batch = slice(start, start + BATCH_TOKENS)
        smoothed = counts[before[batch]].toarray() + 1
        yield torch.from_numpy(np.log(smoothed / smoothed.sum(axis=1, keepdims=True))), torch.from_numpy(after[batch])


def _pairs(part: Labelled) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every token that another follows, and the one that follows it."""
    (x, *_), y = part.inputs(slice(None)), part.y
    has_data = y != NO_TOKEN
    return x[has_data].numpy(), y[has_data].numpy()
