"""Cost of a network, without training it: its size from its parts, its memory from one on the meta device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from spaces.architecture import Architecture
from spaces.parts import parts
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
    return Cost(parameters(architecture, task), flops(architecture, task), _activation_bytes(architecture, task))


def parameters(architecture: Architecture, task: Task) -> int:
    """Numbers that are trained."""
    return sum(count * part.parameters for count, part in parts(architecture, task))


def flops(architecture: Architecture, task: Task) -> int:
    """Floating-point operations of the forward pass of one row; see `Cost`."""
    return sum(count * part.flops for count, part in parts(architecture, task))


def _activation_bytes(architecture: Architecture, task: Task) -> int:
    """Bytes of all different storages that autograd keeps for a training row, except the parameters'."""
    with torch.device("meta"):
        network = architecture.build(task)
        row = torch.empty(1, *task.row_shape, dtype=torch.int64 if task.vocabulary else torch.float32)
    own = {parameter.untyped_storage()._cdata for parameter in network.parameters()}
    saved: dict[int, Any] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            saved[storage._cdata] = storage  # kept alive, so that its place is not given to another
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        network.train()(row)
    return sum(storage.nbytes() for storage in saved.values())
