"""Metrics: from class scores and labels to one number, and what the worst of it is."""

from __future__ import annotations

import torch
from torch import Tensor

WORST_ACCURACY = 0.0
"""What a failed candidate counts as: a family whose candidates fail pays for it."""


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Share of rows whose largest class score, `(rows, classes)`, is their label's, `(rows,)`."""
    return float((logits.argmax(dim=-1) == labels).to(torch.float64).mean())
