"""Masks: which positions of a padded sequence hold data.

A mask is boolean, `(batch, steps)`, true where a row has data and false in the padding after it. `None` stands for rows
without padding and costs nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor


def mask_of(lengths: Tensor, steps: int) -> Tensor:
    """The mask `(batch, steps)` of rows with so many positions of data, `lengths` `(batch,)`."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def zeroed(x: Tensor, mask: Tensor | None) -> Tensor:
    """`x` `(batch, *positions, channels)` with zeros in the padding, whatever stood there, NaN included."""
    return x if mask is None else x.masked_fill(~mask[..., None], 0.0)


def mean_over_positions(x: Tensor, mask: Tensor | None) -> Tensor:
    """The mean over the positions with data, `(batch, *positions, channels)` to `(batch, channels)`."""
    if mask is None:
        return x.flatten(1, -2).mean(1)
    return zeroed(x, mask).flatten(1, -2).sum(1) / mask.flatten(1).sum(1, keepdim=True)


def max_over_positions(x: Tensor, mask: Tensor | None) -> Tensor:
    """The maximum over the positions with data, `(batch, *positions, channels)` to `(batch, channels)`."""
    if mask is not None:
        x = x.masked_fill(~mask[..., None], -torch.inf)
    return x.flatten(1, -2).amax(1)
