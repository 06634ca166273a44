"""Cost of a network, without training it: built on the meta device, where nothing is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from spaces.architecture import Architecture
from spaces.network import Network, parameter_count
from spaces.shapes import Task


@dataclass(frozen=True)
class Cost:
    """What a network takes.

    Attributes:
        parameters: numbers that are trained.
        flops: floating-point operations of the forward pass of one row, as torch's own counter counts them: matrix
            products, convolutions and attention; additions, normalizations and activations are not counted.
        activation_bytes: memory that the forward pass of one row keeps for the backward pass, parameters left out.
    """

    parameters: int
    flops: int
    activation_bytes: int


def cost(architecture: Architecture, task: Task) -> Cost:
    """Parameters, operations and memory of a network."""
    network = _on_meta(architecture, task)
    return Cost(parameter_count(network), _flops(network, task), _activation_bytes(network, task))


def parameters(architecture: Architecture, task: Task) -> int:
    """Numbers that are trained."""
    return parameter_count(_on_meta(architecture, task))


def flops(architecture: Architecture, task: Task) -> int:
    """Floating-point operations of the forward pass of one row; see `Cost`."""
    return _flops(_on_meta(architecture, task), task)


def _on_meta(architecture: Architecture, task: Task) -> Network:
    with torch.device("meta"):
        return architecture.build(task)


def _row(task: Task) -> Tensor:
    return torch.empty(1, *task.row_shape, device="meta", dtype=torch.int64 if task.vocabulary else torch.float32)


def _flops(network: Network, task: Task) -> int:
    """On the meta device recurrent layers fall apart into the products that the counter knows."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network.eval()(_row(task))
    return int(counter.get_total_flops())


def _activation_bytes(network: Network, task: Task) -> int:
    """Bytes of all different storages that autograd keeps for a training row, except the parameters'."""
    own = {parameter.untyped_storage()._cdata for parameter in network.parameters()}
    saved: dict[int, Any] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            saved[storage._cdata] = storage  # kept alive, so that its place is not given to another
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        network.train()(_row(task))
    return sum(storage.nbytes() for storage in saved.values())
