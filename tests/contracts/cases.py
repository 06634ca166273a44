"""What every contract of a room's parts runs over: grids of all ranks and all values of sub-choices."""

import itertools
from collections.abc import Iterator, Mapping

import pytest
import torch
from torch import Tensor

from spaces.choices import Categorical, Choice, Integer, Value
from spaces.registry import Registry
from spaces.shapes import Grid

GRIDS = [
    Grid((), 1),
    Grid((), 5),
    Grid((1,), 3),
    Grid((7,), 4),
    Grid((1, 1), 1),
    Grid((1, 6), 2),
    Grid((5, 1), 5),
    Grid((3, 4), 3),
]
WITH_POSITIONS = [grid for grid in GRIDS if grid.rank]


def describe(grid: Grid) -> str:
    """A grid as a short name, `3x4:5` for five channels at three by four positions."""
    return "x".join(map(str, grid.positions)) + f":{grid.channels}"


on_every_grid = pytest.mark.parametrize("grid", GRIDS, ids=describe)
on_grids_with_positions = pytest.mark.parametrize("grid", WITH_POSITIONS, ids=describe)


def values_of(choice: Choice) -> tuple[Value, ...]:
    """Every option; of a range its ends, and its middle if that is a whole number."""
    if isinstance(choice, Categorical):
        return choice.options
    if isinstance(choice, Integer):
        return tuple(sorted({choice.low, (choice.low + choice.high) // 2, choice.high}))
    return choice.low, choice.high


def every_pick(choices: Mapping[str, Choice]) -> Iterator[dict[str, Value]]:
    """Every combination of the values of sub-choices."""
    for values in itertools.product(*map(values_of, choices.values())):
        yield dict(zip(choices, values, strict=True))


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
