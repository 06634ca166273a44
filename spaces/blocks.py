"""Blocks: what stands between stem and head, equal blocks in stages, made of sub-layers along a stream."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from spaces.activations import ACTIVATIONS
from spaces.adapters import adapted
from spaces.architecture import Architecture, StagePlan
from spaces.choices import Value
from spaces.connections import CONNECTIONS
from spaces.gates import GATES
from spaces.masks import zeroed
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS
from spaces.positions import POSITIONS, RelativePosition
from spaces.shapes import Grid


class Stage(nn.Module):
    """Down-sampling where it is chosen, then equal blocks; each is a token mixer and, if chosen, a channel mixer."""

    def __init__(self, architecture: Architecture, plan: StagePlan, grid: Grid, *, downsampled: bool) -> None:
        super().__init__()
        halves = downsampled and bool(architecture.choices.get("downsampling", False))
        self.downsampling = Downsampling(grid) if halves else None
        self.grid = grid if self.downsampling is None else self.downsampling.grid
        expansion = int(architecture["expansion"])
        layers: list[SubLayer] = []
        for _ in range(plan.blocks):
            layers.append(SubLayer(architecture, self.grid, len(layers), TokenMixer(architecture, plan, self.grid)))
            if expansion:
                mixer = ChannelMixer(self.grid.channels, expansion, str(architecture["activation"]))
                layers.append(SubLayer(architecture, self.grid, len(layers), mixer))
        self.layers = nn.ModuleList(layers)
        connection = CONNECTIONS[str(architecture["connection"])]()
        self.leave = connection.build_read(self.grid, len(layers))

    def forward(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Maps `(batch, *positions, channels)` and its mask to the same on the stage's grid."""
        if self.downsampling is not None:
            x, mask = self.downsampling(x, mask)
        for layer in self.layers:
            x = layer(x, mask)
        return self.leave(x), mask


class SubLayer(nn.Module):
    """One normalized, dropped-out and connected layer of a block."""

    def __init__(self, architecture: Architecture, grid: Grid, joined: int, mixer: nn.Module) -> None:
        super().__init__()
        connection = CONNECTIONS[str(architecture["connection"])]()
        self.placement = architecture.choices.get("normalization_placement", "before")
        self.normalizes_joined = connection.normalizes_joined
        self.read = connection.build_read(grid, joined)
        self.normalization = NORMALIZATIONS[str(architecture["normalization"])]().build(grid)
        self.mixer = mixer
        self.dropout = nn.Dropout(float(architecture["dropout"]))
        self.join = connection.build_join(grid)

    def forward(self, stream: Tensor, mask: Tensor | None) -> Tensor:
        """Maps the stream to the stream that the layer has joined; see `Connection`."""
        x = self.read(stream)
        if self.placement == "before":
            return self.join(stream, self.dropout(self.mixer(self.normalization(x, mask), mask)))
        left = self.dropout(self.mixer(x, mask))
        if self.normalizes_joined:
            return self.normalization(self.join(stream, left), mask)
        return self.join(stream, self.normalization(left, mask))


class TokenMixer(nn.Module):
    """The stage's operation, activated if it is linear, and the gate behind it.

    The activation stands inside the adapter: between the linear layers of one a linear operation would add nothing.
    """

    def __init__(self, architecture: Architecture, plan: StagePlan, grid: Grid) -> None:
        super().__init__()
        operation = OPERATIONS[plan.operation](_relative(architecture))

        def build(seen: Grid) -> nn.Module:
            mixer = operation.build(seen, plan.picks)
            if not operation.is_linear:
                return mixer
            return Activated(mixer, str(architecture["activation"]))

        self.uses_mask = operation.uses_mask
        self.operation = adapted(grid, operation.ranks, build)
        self.gate = GATES[str(architecture.choices.get("gate", "none"))]().build(grid)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape; the padding holds zeros before each part."""
        x = zeroed(x, mask)
        x = self.operation(x, mask) if self.uses_mask else self.operation(x)
        return self.gate(zeroed(x, mask), mask)


class Activated(nn.Module):
    """A linear operation and the network's activation."""

    def __init__(self, operation: nn.Module, activation: str) -> None:
        super().__init__()
        self.operation = operation
        self.activation = ACTIVATIONS[activation]()

    def forward(self, x: Tensor, *mask: Tensor | None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape; the mask is the operation's."""
        return self.activation(self.operation(x, *mask))


class ChannelMixer(nn.Module):
    """Two linear layers on each position's channels. Vaswani et al. 2017, section 3.3."""

    def __init__(self, channels: int, expansion: int, activation: str) -> None:
        super().__init__()
        self.widen = nn.Linear(channels, expansion * channels)
        self.activation = ACTIVATIONS[activation]()
        self.narrow = nn.Linear(expansion * channels, channels)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape, each position by itself."""
        return self.narrow(self.activation(self.widen(x)))


class Downsampling(nn.Module):
    """The mean of each two neighbours along every axis, as far as they hold data; extents are rounded up."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.kernel = tuple(min(2, extent) for extent in grid.positions)
        self.grid = halved(grid)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Maps `(batch, *positions, channels)` and its mask to the same on the halved grid."""
        if mask is None:
            return self._means(x), None
        share = self._means(mask[..., None].to(x.dtype))
        halved = share.squeeze(-1) > 0
        return zeroed(self._means(zeroed(x, mask)) / share, halved), halved

    def _means(self, x: Tensor) -> Tensor:
        pool = F.avg_pool1d if len(self.kernel) == 1 else F.avg_pool2d
        return pool(x.movedim(-1, 1), self.kernel, ceil_mode=True).movedim(1, -1)


def halved(grid: Grid) -> Grid:
    """The grid that down-sampling leaves."""
    return Grid(tuple(-(-extent // 2) for extent in grid.positions), grid.channels)


def _relative(architecture: Architecture) -> RelativePosition | None:
    name: Value = architecture.choices.get("position", "none")
    position = POSITIONS[str(name)]()
    return position if isinstance(position, RelativePosition) else None
