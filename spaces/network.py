"""Network: an Architecture and a Task made into a torch module, always valid."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from spaces.architecture import Architecture
from spaces.blocks import Stage
from spaces.causality import check_causal
from spaces.choices import Value
from spaces.heads import HEADS
from spaces.initializations import INITIALIZATIONS
from spaces.masks import mask_of, zeroed
from spaces.normalizations import NORMALIZATIONS
from spaces.positions import POSITIONS
from spaces.shapes import Grid, Kind, Task
from spaces.stems import STEMS


class Network(nn.Module):
    """stem → position code → stages of blocks, with down-sampling between → dropout → head → linear layer.

    Maps numbers `(batch, *task.grid.positions, task.grid.channels)` or tokens `(batch, steps)` to `(batch,
    task.outputs)`: class scores or, in regression, numbers. To predict the next token there is no head, and the linear
    layer gives the scores of all tokens at each step, `(batch, steps, task.outputs)`.

    Raises:
        InvalidInput: the next token is to be predicted, and in this architecture a step sees later ones.
    """

    def __init__(self, architecture: Architecture, task: Task) -> None:
        super().__init__()
        if task.kind is Kind.NEXT_TOKEN:
            check_causal(architecture)
        self.entrance = Entrance(architecture, task)
        grid = self.entrance.grid
        self.position = POSITIONS[str(architecture["position"])]().build(grid) if grid.rank else nn.Identity()
        stages = []
        for number, stage in enumerate(architecture.stages):
            stages.append(Stage(architecture, stage, grid, downsampled=number > 0))
            grid = stages[-1].grid
        self.stages = nn.ModuleList(stages)
        self.normalization = NORMALIZATIONS[ending_normalization(architecture)]().build(grid)
        self.dropout = nn.Dropout(float(architecture["dropout"]))
        self.head: nn.Module | None = None
        features = grid.channels
        if grid.rank and task.kind is not Kind.NEXT_TOKEN:
            self.head, features = HEADS[str(architecture["head"])]().build(grid)
        self.classify = nn.Linear(features, task.outputs)
        INITIALIZATIONS[str(architecture["initialization"])]().apply(self)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The outputs for a batch: class scores (logits), numbers, or scores of the token that follows each step.

        Args:
            x: the rows.
            lengths: for padded sequences, how many steps of each row hold data, `(batch,)`, at least 1 each. What
                stands behind them changes nothing.
        """
        x, mask = self.entrance(x, lengths)
        x = zeroed(self.position(x), mask)
        for stage in self.stages:
            x, mask = stage(x, mask)
        x = self.dropout(zeroed(self.normalization(x, mask), mask))
        if self.head is not None:
            x = self.head(x, mask)
        return self.classify(x)


class Entrance(nn.Module):
    """The stem on numbers, or tokens looked up in a table and then the stem."""

    def __init__(self, architecture: Architecture, task: Task) -> None:
        super().__init__()
        stem, width = STEMS[str(architecture["stem"])](), int(architecture["width"])
        picks: Mapping[str, Value] = architecture.picks(f"stem.{architecture['stem']}")
        grid = task.grid
        self.look_up = nn.Embedding(task.vocabulary, width) if task.vocabulary else None
        if self.look_up is not None:
            grid = grid.with_channels(width)
        self.stem: nn.Module
        self.grid: Grid
        if self.look_up is not None and stem.looks_up:
            self.stem, self.grid = nn.Identity(), grid
        else:
            self.stem, self.grid = stem.build(grid, width, picks)
        self.stride = stem.stride(picks)

    def forward(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The rows on the network's grid, zero in the padding, and the mask of their positions."""
        if lengths is None:
            return self.stem(x if self.look_up is None else self.look_up(x)), None
        mask = mask_of(lengths, x.shape[1])
        if self.look_up is not None:
            x = self.look_up(x.masked_fill(~mask, 0))
        x = self.stem(zeroed(x, mask))
        if not self.grid.rank:
            return x, None
        mask = mask_of((lengths + self.stride - 1) // self.stride, x.shape[1])
        return zeroed(x, mask), mask


def ending_normalization(architecture: Architecture) -> str:
    """Name of the normalization behind the last stage: where it stands before the layers, the last has none behind."""
    ends_normalized = architecture.choices.get("normalization_placement") == "before"
    return str(architecture["normalization"]) if ends_normalized else "none"


def parameter_count(module: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
