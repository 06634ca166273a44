"""Descriptions: a network as the layers that a diagram draws, from its input to what it predicts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

import torch

from search.verdict.figures import counted, listed
from spaces import Architecture, Grid, Task
from spaces.architecture import StagePlan
from spaces.blocks import Stage
from spaces.choices import Value
from spaces.connections import CONNECTIONS
from spaces.network import Network, parameter_count
from spaces.operations import OPERATIONS
from spaces.positions import POSITIONS, RelativePosition
from spaces.shapes import Kind
from spaces.stems import STEMS

FRAME, BETWEEN = "frame", "between"
"""Stand for a family with layers that have none: stem, head and classifier; and what stands between operations."""

RESULTS = {
    Kind.CLASSIFICATION: "class scores",
    Kind.REGRESSION: "prediction",
    Kind.NEXT_TOKEN: "token scores",
}
"""What goes out for each kind of task."""

NO_BREAK = "\u00a0"  # keeps the words of one fact on one line


@dataclass(frozen=True)
class Layer:
    """One box.

    Attributes:
        label: what it is.
        facts: its sub-choices and the like, in words.
        family: an operation's inductive bias, or `FRAME`, or `BETWEEN`.
        grid: what leaves it, where a task is known and that differs from what enters.
        parameters: numbers trained in it, where a task is known.
    """

    label: str
    facts: tuple[str, ...]
    family: str
    grid: Grid | None = None
    parameters: int | None = None


@dataclass(frozen=True)
class Branch:
    """The layers that one connection leads around, and those behind the place where it joins."""

    layers: tuple[Layer, ...]
    behind: tuple[Layer, ...] = ()


@dataclass(frozen=True)
class Blocks:
    """A stage: equal blocks, of which one is drawn.

    Attributes:
        title: its name.
        count: how many blocks in a row.
        connection: name of what leads around each branch; empty where nothing does.
        branches: the sub-layers of a block.
        parameters: numbers trained in the whole stage, those of its connections too, where a task is known.
    """

    title: str
    count: int
    connection: str
    branches: tuple[Branch, ...]
    parameters: int | None = None

    @property
    def layers(self) -> Iterator[Layer]:
        """The boxes of one block in order."""
        for branch in self.branches:
            yield from (*branch.layers, *branch.behind)

    @property
    def sign(self) -> str:
        """What stands where a connection joins: a sum's, or none."""
        return "+" if self.connection in ("residual", "rezero") else ""


@dataclass(frozen=True)
class Description:
    """A network from top to bottom.

    Attributes:
        title: its families.
        facts: what holds for the whole network.
        source: what comes in, in words.
        grid: the data's, where a task is known.
        parts: layers and stages in order.
        result: what goes out, in words.
    """

    title: str
    facts: tuple[str, ...]
    source: str
    grid: Grid | None
    parts: tuple[Layer | Blocks, ...]
    result: str

    @property
    def layers(self) -> Iterator[Layer]:
        """All boxes in order."""
        for part in self.parts:
            yield from (part,) if isinstance(part, Layer) else part.layers

    def __str__(self) -> str:
        return "; ".join([self.source, *map(_sentence, self.parts)]) + "."


def describe(architecture: Architecture, task: Task | None = None) -> Description:
    """The layers of a network; grids and numbers of parameters are known with a task alone."""
    reader = _Reader(architecture, task)
    choices = architecture.choices
    facts = [f"width {choices['width']}", f"{words(choices['initialization'])} initialization"]
    if choices["dropout"]:
        facts.append(f"dropout {choices['dropout']:g}")
    if (total := reader.size("")) is not None:
        facts.append(counted(total, "parameter"))
    source = "tokens" if task is not None and task.vocabulary else "input"
    parts = (*reader.entrance(), *reader.stages(), *reader.exit())
    grid, result = (task.grid, RESULTS[task.kind]) if task else (None, RESULTS[Kind.CLASSIFICATION])
    return Description(listed(architecture.families), tuple(facts), source, grid, parts, result)


class _Reader:
    """Reads an architecture, and its network on the meta device where the task is known."""

    def __init__(self, architecture: Architecture, task: Task | None) -> None:
        self._architecture = architecture
        self._task = task
        self._network: Network | None = None
        if task is not None:
            with torch.device("meta"):
                self._network = architecture.build(task)

    def size(self, module: str) -> int | None:
        """Numbers trained in a module of the network, named as torch names it."""
        return None if self._network is None else parameter_count(self._network.get_submodule(module))

    def entrance(self) -> Iterator[Layer]:
        """The table of tokens, the stem and the position code."""
        name, vocabulary = str(self._architecture["stem"]), self._task.vocabulary if self._task else None
        reading = []
        if vocabulary:
            reading.append(Layer("embedding", (f"{vocabulary:,} tokens",), FRAME, None, self.size("entrance.look_up")))
        if not (vocabulary and STEMS[name].looks_up):
            facts = pick_facts(self._architecture.picks(f"stem.{name}"))
            reading.append(Layer(f"{words(name)} stem", facts, FRAME, None, self.size("entrance.stem")))
        yield from reading[:-1]
        yield replace(reading[-1], grid=self._network.entrance.grid if self._network else None)
        position = str(self._architecture.choices.get("position", "none"))
        if position != "none" and not issubclass(POSITIONS[position], RelativePosition):
            yield Layer(f"{words(position)} position code", (), BETWEEN, None, self.size("position"))

    def stages(self) -> Iterator[Layer | Blocks]:
        """The stages, with down-sampling between."""
        connection = str(self._architecture["connection"])
        around = "" if connection == "plain" else words(connection)
        for index, plan in enumerate(self._architecture.stages):
            module = f"stages.{index}"
            if index and self._architecture.choices.get("downsampling", False):
                grid = cast(Stage, self._network.get_submodule(module)).grid if self._network else None
                yield Layer("down-sampling", ("mean of neighbours",), BETWEEN, grid)
            branches = tuple(self._branches(plan, f"{module}.layers"))
            yield Blocks(f"stage {index + 1}", plan.blocks, around, branches, self.size(module))

    def exit(self) -> Iterator[Layer]:
        """The last normalization, the head and the linear layer that predicts."""
        choices = self._architecture.choices
        if choices.get("normalization_placement") == "before":
            yield Layer(_normalization(choices), (), BETWEEN, None, self.size("normalization"))
        next_token = self._task is not None and self._task.kind is Kind.NEXT_TOKEN
        if "head" in choices and not next_token:
            grid = Grid((), self._network.classify.in_features) if self._network else None
            yield Layer(f"{words(choices['head'])} head", (), FRAME, grid, self.size("head"))
        facts = (_predicted(self._task),) if self._task else ()
        label = "regression" if self._task and self._task.kind is Kind.REGRESSION else "classifier"
        yield Layer(label, facts, FRAME, None, self.size("classify"))

    def _branches(self, plan: StagePlan, layers: str) -> Iterator[Branch]:
        yield self._branch([self._operation(plan, f"{layers}.0.mixer.operation"), *self._gate(layers)], f"{layers}.0")
        if expansion := self._architecture["expansion"]:
            facts = (f"{expansion} × as wide", words(self._architecture["activation"]))
            mixer = Layer("channel mixer", facts, BETWEEN, None, self.size(f"{layers}.1.mixer"))
            yield self._branch([mixer], f"{layers}.1")

    def _branch(self, mixing: list[Layer], module: str) -> Branch:
        """The mixing layers with their normalization where it is placed; see `spaces.blocks.SubLayer`."""
        choices = self._architecture.choices
        if choices["normalization"] == "none":
            return Branch(tuple(mixing))
        norm = Layer(_normalization(choices), (), BETWEEN, None, self.size(f"{module}.normalization"))
        if choices.get("normalization_placement") == "before":
            return Branch((norm, *mixing))
        if CONNECTIONS[str(choices["connection"])].normalizes_joined:
            return Branch(tuple(mixing), (norm,))
        return Branch((*mixing, norm))

    def _operation(self, plan: StagePlan, module: str) -> Layer:
        operation, choices = OPERATIONS[plan.operation], self._architecture.choices
        facts = list(pick_facts(plan.picks))
        position = str(choices.get("position", "none"))
        if operation.uses_relative_position and issubclass(POSITIONS[position], RelativePosition):
            facts.append(words(position))
        if operation.is_linear:
            facts.append(words(choices["activation"]))
        return Layer(words(plan.operation), tuple(facts), operation.family, None, self.size(module))

    def _gate(self, layers: str) -> Iterator[Layer]:
        gate = self._architecture.choices.get("gate", "none")
        if gate != "none":
            yield Layer(words(gate), ("gate",), BETWEEN, None, self.size(f"{layers}.0.mixer.gate"))


def grid_words(grid: Grid | None) -> str:
    """Positions and channels, `8 × 8 × 32`; nothing of a grid that is not known."""
    return "" if grid is None else " × ".join(f"{extent:,}" for extent in (*grid.positions, grid.channels))


def words(name: Value) -> str:
    """A name as people write it."""
    return str(name).replace("_", " ")


def pick_facts(picks: Mapping[str, Value]) -> tuple[str, ...]:
    """Sub-choices in words: `kernel size 3`, `4 heads`; of a switch its name where it is on."""
    return tuple(_fact(words(name), value) for name, value in picks.items() if value is not False)


def _fact(name: str, value: Value) -> str:
    if value is True:
        return name
    if isinstance(value, int) and name.endswith("s"):
        return counted(value, name.removesuffix("s"))
    return f"{name} {words(value)}"


def wrapped(text: str | tuple[str, ...], columns: int) -> list[str]:
    """A label, or facts with dots between, in lines of so many characters; a fact is broken only if it must be."""
    if not isinstance(text, str):
        text = " · ".join(fact.replace(" ", NO_BREAK) for fact in text)
    lines = textwrap.wrap(text, columns, break_on_hyphens=False)
    return [line.strip(" ·").replace(NO_BREAK, " ") for line in lines]


def _predicted(task: Task) -> str:
    """What the last layer tells apart, or gives."""
    if task.kind is Kind.NEXT_TOKEN:
        return f"next of {counted(task.outputs, 'token')}"
    if task.kind is Kind.REGRESSION:
        return "one number" if task.outputs == 1 else counted(task.outputs, "number")
    return f"{task.outputs:,} classes"


def _normalization(choices: Mapping[str, Value]) -> str:
    return f"{words(choices['normalization'])} normalization"


def _sentence(part: Layer | Blocks) -> str:
    """A part for those who hear the picture."""
    if isinstance(part, Layer):
        return f"{part.label} ({', '.join(part.facts)})" if part.facts else part.label
    around = f" with {part.connection} connections" if part.connection else ""
    inner = ", ".join(map(_sentence, part.layers))
    return f"{part.title}, {counted(part.count, 'block')}{around}: {inner}"
