"""Where the positions of a grid lie, taken in row-major order, as relative position codes and windows need it."""

import torch
from torch import Tensor


def coordinates(positions: tuple[int, ...]) -> Tensor:
    """The place of every position along every axis, `(rank, length)`."""
    axes = torch.meshgrid(*(torch.arange(extent) for extent in positions), indexing="ij")
    return torch.stack(axes).flatten(1)


def distances(positions: tuple[int, ...]) -> Tensor:
    """How far apart every two positions are along every axis, `(rank, length, length)`."""
    places = coordinates(positions)
    return (places[:, :, None] - places[:, None, :]).abs()
