"""Network: an Architecture and a Task made into a torch module, always valid."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from spaces.activations import ACTIVATIONS
from spaces.architecture import Architecture, Stage
from spaces.connections import CONNECTIONS
from spaces.heads import HEADS
from spaces.initializations import INITIALIZATIONS
from spaces.normalizations import NORMALIZATIONS
from spaces.operations import OPERATIONS
from spaces.positions import POSITIONS
from spaces.shapes import Grid, Task
from spaces.stems import STEMS


class Network(nn.Module):
    """stem → position code → stages of blocks, with down-sampling between → head → class scores.

    Maps `(batch, *task.grid.positions, task.grid.channels)` to `(batch, task.classes)`.
    """

    def __init__(self, architecture: Architecture, task: Task) -> None:
        super().__init__()
        stem = STEMS[str(architecture["stem"])]
        stem_picks = architecture.picks(f"stem.{architecture['stem']}")
        self.stem, grid = stem().build(task.grid, int(architecture["width"]), stem_picks)
        self.position = POSITIONS[str(architecture["position"])]().build(grid) if grid.rank else nn.Identity()
        layers: list[nn.Module] = []
        for number, stage in enumerate(architecture.stages):
            if number and architecture.choices.get("downsampling", False):
                downsampling = Downsampling(grid)
                layers.append(downsampling)
                grid = downsampling.grid
            layers += [Block(architecture, stage, grid) for _ in range(stage.blocks)]
        self.body = nn.Sequential(*layers)
        ends_normalized = architecture.choices.get("normalization_placement") == "before"
        self.normalization = _normalization(architecture, grid) if ends_normalized else nn.Identity()
        self.head, features = (
            HEADS[str(architecture["head"])]().build(grid) if grid.rank else (nn.Identity(), grid.channels)
        )
        self.classify = nn.Linear(features, task.classes)
        INITIALIZATIONS[str(architecture["initialization"])]().apply(self)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores (logits) of a batch."""
        return self.classify(self.head(self.normalization(self.body(self.position(self.stem(x))))))


class Block(nn.Module):
    """norm → operation → connection, then norm → channel mixer → connection (or norm after each connection)."""

    def __init__(self, architecture: Architecture, stage: Stage, grid: Grid) -> None:
        super().__init__()
        sublayers = [_token_mixer(architecture, stage, grid)]
        if expansion := int(architecture["expansion"]):
            sublayers.append(_channel_mixer(grid.channels, expansion, str(architecture["activation"])))
        self.sublayers = nn.ModuleList(SubLayer(architecture, grid, body) for body in sublayers)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        for sublayer in self.sublayers:
            x = sublayer(x)
        return x


class SubLayer(nn.Module):
    """One normalized, connected and dropped-out layer of a block."""

    def __init__(self, architecture: Architecture, grid: Grid, body: nn.Module) -> None:
        super().__init__()
        self.before = architecture.choices.get("normalization_placement") == "before"
        self.normalization = _normalization(architecture, grid)
        self.body = body
        self.dropout = nn.Dropout(float(architecture["dropout"]))
        self.connection = CONNECTIONS[str(architecture["connection"])]().build(grid)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        if self.before:
            return self.connection(x, self.dropout(self.body(self.normalization(x))))
        return self.normalization(self.connection(x, self.dropout(self.body(x))))


class Downsampling(nn.Module):
    """The mean of each two neighbours along every axis; extents are rounded up."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.kernel = tuple(min(2, extent) for extent in grid.positions)
        self.grid = Grid(tuple(-(-extent // 2) for extent in grid.positions), grid.channels)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to `(batch, *halved positions, channels)`."""
        pool = F.avg_pool1d if len(self.kernel) == 1 else F.avg_pool2d
        return pool(x.movedim(-1, 1), self.kernel, ceil_mode=True).movedim(1, -1)


class Reshaped(nn.Module):
    """Lets an operation see the positions in another arrangement.

    For an operation on sequences an image is scanned row by row and a vector is one position; for an operation on
    images alone, anything else is an image of one row.
    """

    def __init__(self, seen: Grid, inner: nn.Module) -> None:
        super().__init__()
        self.shape = (*seen.positions, seen.channels)
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return self.inner(x.reshape(-1, *self.shape)).reshape(x.shape)


class AsVector(nn.Module):
    """Lets an operation on vectors work on any grid.

    All positions together are projected to one vector of `channels` numbers and back: the operation sees everything,
    at a cost that grows with the number of positions and not with its square.
    """

    def __init__(self, grid: Grid, inner: nn.Module) -> None:
        super().__init__()
        whole = grid.as_vector().channels
        self.gather = nn.Linear(whole, grid.channels)
        self.inner = inner
        self.spread = nn.Linear(grid.channels, whole)

    def forward(self, x: Tensor) -> Tensor:
        """Maps `(batch, *positions, channels)` to the same shape."""
        return self.spread(self.inner(self.gather(x.flatten(1)))).view(x.shape)


def _token_mixer(architecture: Architecture, stage: Stage, grid: Grid) -> nn.Module:
    """The stage's operation, activated if it is linear, inside the adapter that lets it work on this grid.

    The activation stands inside: between the linear layers of an adapter a linear operation would add nothing.
    """
    operation = OPERATIONS[stage.operation]()

    def build(seen: Grid) -> nn.Module:
        mixer = operation.build(seen, stage.picks)
        if not operation.is_linear:
            return mixer
        return nn.Sequential(mixer, ACTIVATIONS[str(architecture["activation"])]())

    if grid.rank in operation.ranks:
        return build(grid)
    if 1 in operation.ranks:
        return Reshaped(grid.as_sequence(), build(grid.as_sequence()))
    if 0 in operation.ranks:
        return AsVector(grid, build(Grid((), grid.channels)))
    one_row = Grid((1, grid.length), grid.channels)
    return Reshaped(one_row, build(one_row))


def _channel_mixer(channels: int, expansion: int, activation: str) -> nn.Module:
    """Two linear layers on each position's channels. Vaswani et al. 2017, section 3.3."""
    return nn.Sequential(
        nn.Linear(channels, expansion * channels), ACTIVATIONS[activation](), nn.Linear(expansion * channels, channels)
    )


def _normalization(architecture: Architecture, grid: Grid) -> nn.Module:
    return NORMALIZATIONS[str(architecture["normalization"])]().build(grid)


def parameter_count(module: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
