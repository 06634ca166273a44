"""Proof: what was written gives what the network gives, on rows of the data, few and many, short and long."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from search.export.exportable import Exportable

BATCHES = (1, 2, 7)


class NotTheSame(Exception):
    """What was written gives other outputs than the network."""


def largest_difference(exportable: Exportable, written: Callable[..., Tensor], tolerance: float) -> float:
    """The largest absolute difference between the outputs of the two.

    Args:
        exportable: what was written.
        written: called like its predictor.
        tolerance: how far outputs may be apart, absolutely and relative to the network's.

    Raises:
        NotTheSame: outputs are farther apart than that.
    """
    predictor = exportable.predictor()
    largest = 0.0
    for inputs in _cases(exportable):
        with torch.no_grad():
            expected, found = predictor(*inputs), written(*inputs)
        apart = (found - expected).abs()
        if found.shape != expected.shape or bool((~(apart <= tolerance * (1 + expected.abs()))).any()):
            raise NotTheSame(
                f"what was written differs from the network by {float(apart.max()):.2g}, expected at most {tolerance}"
            )
        largest = max(largest, float(apart.max()))
    return largest


def _cases(exportable: Exportable) -> list[tuple[Tensor, ...]]:
    """Rows of the data: one, some and many; sequences also cut to a step, to half and by one."""
    if exportable.dataset.task.grid.rank != 1:
        return [exportable.rows(count) for count in BATCHES]
    steps = exportable.dataset.task.grid.length
    lengths = sorted({1, (steps + 1) // 2, max(1, steps - 1), steps})
    return [exportable.rows(count, lengths[number % len(lengths)]) for number, count in enumerate((2, 1, 5, 7))]
