"""Parts: a network taken apart, so that its size is told by adding, without building it.

Networks of a space share most of their parts: the same operation on the same grid, the same stem, the same head. Each
is built once a process, on the meta device, where nothing is computed, and its numbers are kept. A network of parts
seen before is counted in a twentieth of a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from spaces.architecture import Architecture, StagePlan
from spaces.blocks import ChannelMixer, Stage, TokenMixer, halved
from spaces.causality import check_causal
from spaces.choices import Value
from spaces.gates import GATES
from spaces.heads import HEADS
from spaces.network import Entrance, ending_normalization, parameter_count
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS, Operation
from spaces.positions import POSITIONS
from spaces.shapes import Grid, Kind, Task

MOST_KEPT = 20_000
"""Parts of each kind; a kilobyte each."""
IDLE: Mapping[str, Value] = {
    "connection": "plain",
    "gate": "none",
    "normalization": "none",
    "expansion": 0,
    "dropout": 0.0,
    "activation": "relu",  # none of them has parameters
}
"""Choices with which whatever stands around a part is nothing."""

Picks = frozenset[tuple[str, Value]]


class Part:
    """A piece of networks, built when its numbers are first asked for.

    Args:
        build: makes the module.
        shape: of one row of what it reads.
        rest: further arguments it is called with, such as that there is no mask.
        integers: whether it reads tokens.
    """

    def __init__(
        self, build: Callable[[], nn.Module], shape: tuple[int, ...], *rest: None, integers: bool = False
    ) -> None:
        self._build = build
        self._shape = shape
        self._rest = rest
        self._dtype = torch.int64 if integers else torch.float32

    @cached_property
    def parameters(self) -> int:
        """Numbers that are trained."""
        with torch.device("meta"):
            return parameter_count(self._build())

    @cached_property
    def flops(self) -> int:
        """Floating-point operations of its forward pass of one row, see `spaces.cost.Cost`."""
        counter, recurrences = FlopCounterMode(display=False), RecurrenceCounter()
        with torch.device("meta"):
            module = self._build().eval()
            row: Tensor = torch.empty(1, *self._shape, dtype=self._dtype)
        with torch.no_grad(), counter, recurrences:
            module(row, *self._rest)
        return int(counter.get_total_flops()) + recurrences.flops


class RecurrenceCounter(TorchFunctionMode):
    """Counts torch's recurrent layers at a glance: each matrix of weights meets each step of a row once.

    Left alone they would fall apart into the products of single steps, which takes seconds to count.
    """

    def __init__(self) -> None:
        super().__init__()
        self.flops = 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Answers for a recurrent layer on rows `(1, steps, channels)`, lets everything else happen."""
        if func not in (torch.lstm, torch.gru, torch.rnn_tanh, torch.rnn_relu):
            return func(*args, **(kwargs or {}))
        rows, _, weights = args[:3]
        self.flops += 2 * rows.shape[1] * sum(weight.numel() for weight in weights if weight.dim() == 2)
        directions = 2 if args[7] else 1
        hidden = weights[1].shape[1]
        states = rows.new_empty(1, rows.shape[1], directions * hidden)
        return (states, *(None for _ in range(2 if func is torch.lstm else 1)))


def parts(architecture: Architecture, task: Task) -> Iterator[tuple[int, Part]]:
    """How many there are of each part, in the order in which data pass them.

    Raises:
        InvalidInput: the next token is to be predicted, and in this architecture a step sees later ones.
    """
    if task.kind is Kind.NEXT_TOKEN:
        check_causal(architecture)
    stem, width = str(architecture["stem"]), int(architecture["width"])
    entrance, grid = _entrance(stem, frozenset(architecture.picks(f"stem.{stem}").items()), width, task)
    yield 1, entrance
    position = str(architecture.choices.get("position", "none"))
    if grid.rank:
        yield 1, _position(position, grid)
    for number, stage in enumerate(architecture.stages):
        if number and architecture.choices.get("downsampling", False):
            grid = halved(grid)
        yield from _of_stage(architecture, stage, position, grid)
    yield 1, _normalization(ending_normalization(architecture), grid)
    yield from _ending(str(architecture.choices.get("head", "")), grid, task)


def _of_stage(architecture: Architecture, stage: StagePlan, position: str, grid: Grid) -> Iterator[tuple[int, Part]]:
    kind, expansion = OPERATIONS[stage.operation], int(architecture["expansion"])
    position = position if kind.uses_relative_position else "none"
    yield stage.blocks, _operation(kind, stage.operation, frozenset(stage.picks.items()), position, grid)
    yield stage.blocks, _gate(str(architecture.choices.get("gate", "none")), grid)
    if expansion:
        yield stage.blocks, _channel_mixer(expansion, grid)
    layers = stage.blocks * (2 if expansion else 1)
    yield 1, _frame(str(architecture["connection"]), str(architecture["normalization"]), layers, grid)


@lru_cache(MOST_KEPT)
def _entrance(stem: str, picks: Picks, width: int, task: Task) -> tuple[Part, Grid]:
    choices = {"stem": stem, "width": width, **{f"stem.{stem}.{name}": value for name, value in picks}}

    def build() -> Entrance:
        return Entrance(Architecture(choices), task)

    with torch.device("meta"):
        grid = build().grid
    return Part(build, task.row_shape, None, integers=task.vocabulary is not None), grid


@lru_cache(MOST_KEPT)
def _position(name: str, grid: Grid) -> Part:
    return Part(lambda: POSITIONS[name]().build(grid), _shape(grid))


@lru_cache(MOST_KEPT)
def _operation(kind: type[Operation], name: str, picks: Picks, position: str, grid: Grid) -> Part:
    """The kind stands for what is registered under the name."""
    architecture, plan = Architecture({**IDLE, "position": position}), StagePlan(name, dict(picks), 1)
    return Part(lambda: TokenMixer(architecture, plan, grid), _shape(grid), None)


@lru_cache(MOST_KEPT)
def _gate(name: str, grid: Grid) -> Part:
    return Part(lambda: GATES[name]().build(grid), _shape(grid), None)


@lru_cache(MOST_KEPT)
def _channel_mixer(expansion: int, grid: Grid) -> Part:
    return Part(lambda: ChannelMixer(grid.channels, expansion, str(IDLE["activation"])), _shape(grid), None)


@lru_cache(MOST_KEPT)
def _frame(connection: str, normalization: str, layers: int, grid: Grid) -> Part:
    """What a stage is without its mixers: how its layers are connected and normalized."""
    architecture = Architecture({**IDLE, "connection": connection, "normalization": normalization})
    plan = StagePlan("identity", {}, layers)
    return Part(lambda: Stage(architecture, plan, grid, downsampled=False), _shape(grid), None)


@lru_cache(MOST_KEPT)
def _normalization(name: str, grid: Grid) -> Part:
    return Part(lambda: NORMALIZATIONS[name]().build(grid), _shape(grid), None)


def _ending(head: str, grid: Grid, task: Task) -> Iterator[tuple[int, Part]]:
    """The head and the last layer; to predict the next token there is no head, and the layer acts at every step."""
    if not grid.rank or task.kind is Kind.NEXT_TOKEN:
        yield 1, _last_layer(_shape(grid), task.outputs)
        return
    read_out, features = _head(head, grid)
    yield 1, read_out
    yield 1, _last_layer((features,), task.outputs)


@lru_cache(MOST_KEPT)
def _head(name: str, grid: Grid) -> tuple[Part, int]:
    with torch.device("meta"):
        features = HEADS[name]().build(grid)[1]
    return Part(lambda: HEADS[name]().build(grid)[0], _shape(grid), None), features


@lru_cache(MOST_KEPT)
def _last_layer(shape: tuple[int, ...], outputs: int) -> Part:
    return Part(lambda: nn.Linear(shape[-1], outputs), shape)


def _shape(grid: Grid) -> tuple[int, ...]:
    return *grid.positions, grid.channels
