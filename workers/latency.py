"""Latency: how long one row takes."""

from __future__ import annotations

import copy
import statistics
import time

import torch
from torch import nn

from workers.device import CPU
from workers.rows import Labelled

WARM_UPS, REPEATS = 3, 15


def latency_seconds(network: nn.Module, rows: Labelled) -> float:
    """Median time of a forward pass of one row on the CPU, in the threads that a training has there.

    Of several passes, since others may disturb one, and after some that pay for what torch does on first use.

    Args:
        network: left as it is, on whatever device.
        rows: of which the first is taken.
    """
    if next(network.parameters()).device != CPU:
        network = copy.deepcopy(network).to(CPU)
    was_training = network.training
    network.eval()
    inputs = [tensor.to(CPU) for tensor in rows.inputs(slice(0, 1))]
    seconds = []
    with torch.inference_mode():
        for _ in range(WARM_UPS + REPEATS):
            began = time.perf_counter()
            network(*inputs)
            seconds.append(time.perf_counter() - began)
    network.train(was_training)
    return statistics.median(seconds[WARM_UPS:])
