"""Devices: where networks are trained, and in which precision.

On a GPU the rows of a division lie there as long as they are used, and products are computed in bfloat16. On a CPU
everything is float32.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

CPU = torch.device("cpu")


def training_device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda") if torch.cuda.is_available() else CPU


def mixed_precision(device: torch.device) -> AbstractContextManager[Any]:
    """A context in which a GPU multiplies in bfloat16 and weights stay float32; on a CPU it changes nothing."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


def limit_device_memory(share: float) -> None:
    """Lets this process take its share of the memory of a GPU that others train on too."""
    if 0 < share < 1 and torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(share)


def release_device_memory() -> None:
    """Gives back what torch keeps of a GPU's memory for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def wait_for(device: torch.device) -> None:
    """Returns once the device has done what it was given; a CPU always has."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def generator_states(device: torch.device) -> dict[str, Tensor]:
    """States of the generators that dropout draws from, by type of device."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_generator_states(device: torch.device, states: dict[str, Tensor]) -> None:
    """Goes on from what `generator_states` returned; a device that had none there keeps its own."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)


def on_cpu(state: Any) -> Any:
    """A tree of dictionaries and lists with its tensors on the CPU, so that it can be loaded anywhere."""
    if isinstance(state, Tensor):
        return state.cpu()
    if isinstance(state, dict):
        return {name: on_cpu(value) for name, value in state.items()}
    return [on_cpu(value) for value in state] if isinstance(state, list) else state
