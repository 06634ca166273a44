"""What contracts of a room's parts run over: entries of a registry with all values of their sub-choices, and grids."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from spaces.contract import GRIDS, every_pick
from spaces.operations import OPERATIONS, Operation
from spaces.registry import Registry
from spaces.shapes import Grid


def describe(grid: Grid) -> str:
    """A grid as a short name, `3x4:5` for five channels at three by four positions."""
    return "x".join(map(str, grid.positions)) + f":{grid.channels}"


on_every_grid = pytest.mark.parametrize("grid", GRIDS, ids=describe)
on_grids_with_positions = pytest.mark.parametrize("grid", [grid for grid in GRIDS if grid.rank], ids=describe)


def every_entry_and_pick(registry: Registry) -> pytest.MarkDecorator:
    """Runs a test over all entries of a registry, each with all values of its sub-choices."""
    cases = [
        pytest.param(name, picks, id="-".join([name, *map(str, picks.values())]))
        for name in registry
        for picks in every_pick(registry[name].choices)
    ]
    return pytest.mark.parametrize(("name", "picks"), cases)


def every_entry(registry: Registry) -> pytest.MarkDecorator:
    """Runs a test over all entries of a registry."""
    return pytest.mark.parametrize("name", registry.names())


def batch_on(grid: Grid, rows: int = 3) -> Tensor:
    """A standard normal batch, `(rows, *positions, channels)`."""
    return torch.randn(rows, *grid.positions, grid.channels)


def is_documented(entry: type) -> bool:
    """Whether a class has a docstring of its own that opens with a sentence."""
    own = vars(entry).get("__doc__") or ""
    return own.split("\n\n")[0].strip().endswith(".")


@contextmanager
def registered(**operations: type[Operation]) -> Iterator[None]:
    """The operations are registered inside the block and forgotten after it."""
    OPERATIONS.names()  # all files are read before the entries are copied
    before = dict(OPERATIONS._entries)
    try:
        for name, operation in operations.items():
            OPERATIONS.register(name)(operation)
        yield
    finally:
        OPERATIONS._entries.clear()
        OPERATIONS._entries.update(before)
