"""Cost of a network, without training it."""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from spaces.architecture import Architecture
from spaces.shapes import Task


def flops(architecture: Architecture, task: Task) -> int:
    """Floating-point operations of the forward pass of one row, as torch's own counter counts them.

    Matrix products, convolutions and attention are counted; additions, normalizations and activations are not. On the
    meta device nothing is computed, and recurrent layers fall apart into the products that the counter knows.
    """
    with torch.device("meta"):
        network = architecture.build(task).eval()
        row = torch.empty(1, *task.grid.positions, task.grid.channels)
        counter = FlopCounterMode(display=False)
        with torch.no_grad(), counter:
            network(row)
    return int(counter.get_total_flops())
