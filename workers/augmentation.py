"""Augmentation: small changes of the rows of a batch that leave what is to be predicted as it is.

All of them read standardized rows `(batch, *positions, channels)` and return a new tensor of this shape; zero is the
mean. What is drawn comes from the generator alone, on the CPU, so that it is the same on every device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch
from torch import Tensor

Augmentation: TypeAlias = Callable[[Tensor, torch.Generator], Tensor]

LARGEST_SHIFT = 0.1
"""Share of an axis by which an image moves at most; one position at least."""
JITTER = 0.1
"""Deviation of the noise, in deviations of the channel."""
SCALE = 0.1
"""Deviation of the logarithm of the factor."""


def shift(images: Tensor, generator: torch.Generator) -> Tensor:
    """Moves each image `(batch, height, width, channels)` by whole positions; zeros come in. He et al. 2016."""
    rows, columns = (_moved(images, axis, generator) for axis in (1, 2))
    return _gathered(images, rows, columns)


def shift_flip(images: Tensor, generator: torch.Generator) -> Tensor:
    """Moves each image as `shift` does, and mirrors every other one, left to right, at random."""
    rows, columns = (_moved(images, axis, generator) for axis in (1, 2))
    mirrored = torch.rand(len(images), 1, generator=generator).to(images.device) < 0.5
    return _gathered(images, rows, torch.where(mirrored, images.shape[2] - 1 - columns, columns))


def jitter(series: Tensor, generator: torch.Generator) -> Tensor:
    """Adds Gaussian noise to each step. Um et al. 2017; what it adds behind a row's end, networks do not read."""
    return series + JITTER * torch.randn(series.shape, generator=generator).to(series.device)


def scale(series: Tensor, generator: torch.Generator) -> Tensor:
    """Multiplies each row by a factor about 1. Um et al. 2017."""
    factors = torch.exp(SCALE * torch.randn(len(series), *[1] * (series.ndim - 1), generator=generator))
    return series * factors.to(series.device)


AUGMENTATIONS: Mapping[str, Augmentation] = {
    "shift": shift,
    "shift_flip": shift_flip,
    "jitter": jitter,
    "scale": scale,
}
"""By the names that a recipe has; `"none"` is none of them."""


def _moved(images: Tensor, axis: int, generator: torch.Generator) -> Tensor:
    """Where each position of an axis comes from in each image, `(batch, extent)`; perhaps from outside."""
    extent = images.shape[axis]
    most = min(max(1, round(LARGEST_SHIFT * extent)), extent - 1)
    offsets = torch.randint(-most, most + 1, (len(images), 1), generator=generator)
    return (torch.arange(extent) + offsets).to(images.device)


def _gathered(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The images whose pixels stood in these rows and columns; zeros where these lie outside."""
    height, width = images.shape[1:3]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    batch = torch.arange(len(images), device=images.device)[:, None, None]
    taken = images[batch, rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None, :]]
    return taken * inside[..., None]
