"""Composition: the stem, blocks and head of a network as one class, with a class for each kind of block."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from torch import nn

from spaces.adapters import AsVector, Reshaped
from spaces.architecture import Architecture
from spaces.blocks import Activated, ChannelMixer, Stage, SubLayer, TokenMixer
from spaces.connections.plain import Replace
from spaces.export.source.docstrings import AXES, block_doc, network_doc
from spaces.export.source.flow import HERE, NONE, Flow
from spaces.export.source.form import Form
from spaces.export.source.specialization import FUNCTIONAL, Specialiser
from spaces.export.source.syntax import expr, names_read
from spaces.masks import mask_of
from spaces.network import Network
from spaces.shapes import Grid, Kind, Task

FAMILIES = ("attention", "convolution", "recurrence")
"""What an operation is called within its block, whose name tells which of its family it is."""

OUTPUT = {Kind.CLASSIFICATION: "classifier", Kind.REGRESSION: "regressor", Kind.NEXT_TOKEN: "next_token"}
"""What the last layer is called."""

GIVEN = {Kind.CLASSIFICATION: "class scores", Kind.REGRESSION: "numbers", Kind.NEXT_TOKEN: "scores of tokens"}
"""What it gives."""


class Composition:
    """Writes what the classes of `spaces.network` and `spaces.blocks` do with the parts of one network.

    Args:
        specialiser: of the network.
        architecture: what it was built of.
        task: what it was built for.
        padded: whether it is called with lengths.
    """

    def __init__(self, specialiser: Specialiser, architecture: Architecture, task: Task, padded: bool) -> None:
        network = specialiser.recorded.network
        assert isinstance(network, Network)
        self.specialiser = specialiser
        self.network = network
        self.architecture = architecture
        self.task = task
        self.grid = network.entrance.grid
        self.is_masked = padded and self.grid.rank > 0
        self.padded = padded

    def form(self) -> Form:
        """The whole network."""
        flow = Flow(self.specialiser, is_masked=self.is_masked, is_step_by_step=True)
        self._enter(flow)
        names = self._block_names()
        grid = self.grid
        for number, stage in enumerate(self.network.stages):
            assert isinstance(stage, Stage)
            if stage.downsampling is not None:
                flow.call_for_mask(f"downsampling_{number}", stage.downsampling)
                flow.note(self._shape(stage.grid))
            self._add_blocks(flow, f"stages.{number}", stage, names)
            grid = stage.grid
            flow.call(f"transition_{number + 1}", stage.leave, f"stages.{number}.leave")
        self._leave(flow, grid)
        form = flow.form("Network", network_doc(self.architecture, self.task, self.padded))
        form.forward_doc = f"Returns {GIVEN[self.task.kind]}."
        form.parameters = [tensor("x"), tensor("lengths")] if self.padded else [tensor("x")]
        return form

    def _enter(self, flow: Flow) -> None:
        entrance, steps = self.network.entrance, self.task.grid.positions[0] if self.padded else 0
        if self.padded:
            flow.assign("mask", flow.function(mask_of, f"lengths, {steps}"))
        if entrance.look_up is not None:
            if self.padded:
                flow.apply(".masked_fill(~mask, 0)")
                flow.note("any token will do where there is none")
            flow.call("embedding", entrance.look_up, "entrance.look_up")
        if self.padded:
            flow.zero(always=True)
        flow.call("stem", entrance.stem, "entrance.stem")
        flow.note(self._shape(self.grid))
        if entrance.stride > 1 and self.is_masked:
            patches = f"(lengths + {entrance.stride - 1}) // {entrance.stride}, {self.grid.positions[0]}"
            flow.assign("mask", flow.function(mask_of, patches))
        flow.zero()
        flow.call("positions", self.network.position, "position")
        flow.zero()

    def _add_blocks(self, flow: Flow, prefix: str, stage: Stage, names: Iterator[tuple[str, str]]) -> None:
        connection, is_double = str(self.architecture["connection"]), bool(self.architecture["expansion"])
        layers = list(stage.layers)
        size = 2 if is_double else 1
        for first in range(0, len(layers), size):
            name, operation = next(names)
            short = next((family for family in FAMILIES if operation.endswith(f"_{family}")), operation)
            block = Block(
                self.specialiser, stage.grid, (short, connection), is_masked=self.is_masked, is_double=is_double
            )
            for index in range(first, first + size):
                layer = layers[index]
                assert isinstance(layer, SubLayer)
                block.add(layer, f"layers.{index}")
            title = "".join(word.capitalize() for word in operation.split("_")) + "Block"
            flow.place(name, block.form(title, block_doc(self.architecture, operation)), prefix)

    def _leave(self, flow: Flow, grid: Grid) -> None:
        flow.call("normalization", self.network.normalization, "normalization", flow.mask)
        flow.zero()
        flow.call("dropout", self.network.dropout, "dropout")
        if self.network.head is not None:
            flow.call("pooling", self.network.head, "head", flow.mask)
            flow.note(f"(batch, {self.network.classify.in_features})")
        flow.call(OUTPUT[self.task.kind], self.network.classify, "classify")

    def _block_names(self) -> Iterator[tuple[str, str]]:
        """The name of each block, its operation's, numbered where it has several; and the operation."""
        operations = [stage.operation for stage in self.architecture.stages for _ in range(stage.blocks)]
        counts, seen = Counter(operations), Counter[str]()
        for operation in operations:
            seen[operation] += 1
            yield (f"{operation}_{seen[operation]}" if counts[operation] > 1 else operation), operation

    def _shape(self, grid: Grid) -> str:
        return f"({', '.join(map(str, ('batch', *grid.positions, grid.channels)))})"


class Block:
    """A token mixer and, where there is one, a channel mixer, each normalized and connected.

    Args:
        specialiser: of the network.
        grid: where the block stands.
        names: what it calls its operation and its connection.
        is_masked: whether there may be padding.
        is_double: whether it has a channel mixer.
    """

    def __init__(
        self, specialiser: Specialiser, grid: Grid, names: tuple[str, str], *, is_masked: bool, is_double: bool
    ) -> None:
        self.flow = Flow(specialiser, is_masked=is_masked and grid.rank > 0)
        self.grid = grid
        self.operation, self.connection = names
        self.is_double = is_double

    def add(self, layer: SubLayer, origin: str) -> None:
        """Continues with a sub-layer."""
        flow, what = self.flow, "mixer" if isinstance(layer.mixer, ChannelMixer) else self.operation
        prefix = f"{what}_" if self.is_double else ""
        is_plain = isinstance(layer.join, Replace)

        def normalise() -> None:
            flow.call(f"{prefix}normalization", layer.normalization, f"{origin}.normalization", flow.mask)

        flow.begin_branch("x" if is_plain else "mixed")
        flow.call(f"{prefix}bottleneck", layer.read, f"{origin}.read")
        if layer.placement == "before":
            normalise()
        self._mix(layer.mixer, what, f"{origin}.mixer")
        flow.call("dropout", layer.dropout, f"{origin}.dropout")
        if layer.placement != "before" and not layer.normalizes_joined:
            normalise()
        flow.join(f"{prefix}{self.connection}", layer.join, f"{origin}.join")
        if layer.placement != "before" and layer.normalizes_joined:
            normalise()

    def form(self, name: str, doc: str) -> Form:
        """The block."""
        form = self.flow.form(name, doc)
        form.forward_doc = f"Maps `{axes_of(self.grid)}` to the same shape."
        form.parameters = [tensor("x")]
        if "mask" in names_read(form.forward):
            form.parameters.append(tensor("mask"))
        return form

    def _mix(self, mixer: nn.Module, what: str, origin: str) -> None:
        flow = self.flow
        if isinstance(mixer, ChannelMixer):
            flow.call(what, mixer, origin, flow.mask)
            return
        assert isinstance(mixer, TokenMixer)
        flow.zero()
        self._operate(mixer, what, f"{origin}.operation")
        flow.zero()
        flow.call("gate", mixer.gate, f"{origin}.gate", flow.mask)

    def _operate(self, mixer: TokenMixer, what: str, origin: str) -> None:
        flow, operation = self.flow, mixer.operation
        if isinstance(operation, AsVector):
            flow.apply(".flatten(1)")
            flow.call("gather", operation.gather, f"{origin}.gather")
            self._run(operation.inner, what, f"{origin}.inner", [NONE] if mixer.uses_mask else [])
            flow.call("spread", operation.spread, f"{origin}.spread")
            flow.apply(f".unflatten(1, {(*self.grid.positions, self.grid.channels)})")
        elif isinstance(operation, Reshaped):
            there, back = _arranged(self.grid.positions, operation.positions)
            mask = expr("mask[:, None]") if flow.is_masked and len(operation.positions) == 2 else flow.mask
            flow.apply(there)
            self._run(operation.inner, what, f"{origin}.inner", [mask] if mixer.uses_mask else [])
            flow.apply(back)
        else:
            self._run(operation, what, origin, [flow.mask] if mixer.uses_mask else [])

    def _run(self, operation: nn.Module, what: str, origin: str, mask: list[ast.expr]) -> None:
        """The operation itself, and the activation behind a linear one."""
        if not isinstance(operation, Activated):
            self.flow.call(what, operation, origin, *mask)
            return
        self.flow.call(what, operation.operation, f"{origin}.operation", *mask)
        self.flow.put(ast.Call(expr(FUNCTIONAL[type(operation.activation)]), [HERE], []))


def _arranged(positions: tuple[int, ...], seen: tuple[int, ...]) -> tuple[str, str]:
    """How rows of one arrangement of positions are seen in another, and how they come back."""
    if len(positions) == 2:
        return ".flatten(1, 2)", f".unflatten(1, {positions})"
    more = len(seen) - len(positions)
    return f"[:, {', '.join(['None'] * more)}]", f"[:, {', '.join(['0'] * more)}]"


def axes_of(grid: Grid) -> str:
    """The axes of rows on a grid, as they stand in docstrings."""
    return f"({', '.join(('batch', *AXES[grid.rank], 'channels'))})"


def tensor(name: str) -> ast.arg:
    """A parameter of `forward`."""
    return ast.arg(name, ast.Name("Tensor", ast.Load()))
