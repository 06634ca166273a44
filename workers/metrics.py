"""Metrics: from what a network gives and what is true to one number."""

from __future__ import annotations

import torch
from torch import Tensor


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Share of rows whose largest class score, `(rows, classes)`, is their label's, `(rows,)`."""
    return float((logits.argmax(dim=-1) == labels).to(torch.float64).mean())
