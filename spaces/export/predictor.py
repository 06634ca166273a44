"""Predictor: a network with what stands before and behind it, from raw rows to outputs in their own unit."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spaces.shapes import Kind, Task


@dataclass(frozen=True)
class Units:
    """What numbers are standardized with.

    Attributes:
        mean: of each channel that is read, `(channels,)`; `None` of tokens, which are read as they are.
        deviation: of each channel, never zero.
        target_mean: of the numbers that are predicted.
        target_deviation: theirs.
    """

    mean: Tensor | None = None
    deviation: Tensor | None = None
    target_mean: float = 0.0
    target_deviation: float = 1.0


class Predictor(nn.Module):
    """Reads rows as a user has them, and gives class scores, numbers in their own unit, or scores of next tokens.

    Rows are images `(batch, channels, height, width)`, series `(batch, steps, channels)`, tables `(batch, features)`,
    where NaN is a number that is missing, or tokens `(batch, steps)`. Sequences may be shorter than the task's: they
    are padded to its steps, and what stands in the padding changes nothing.

    Args:
        network: reads standardized rows, channels last.
        task: what it was built for.
        units: measured on its train rows.
    """

    mean: Tensor | None
    deviation: Tensor | None

    def __init__(self, network: nn.Module, task: Task, units: Units) -> None:
        super().__init__()
        self.network = network
        self.task = task
        self.units = units
        self.register_buffer("mean", units.mean)
        self.register_buffer("deviation", units.deviation)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The outputs for a batch: `(batch, classes)`, `(batch,)` numbers, or `(batch, steps, tokens)`.

        Args:
            x: the rows, float32, or int64 tokens.
            lengths: of sequences, how many steps of each row hold data, int64 `(batch,)`; by default all.
        """
        outputs = self.network(*self._read(x, lengths))
        if self.task.kind is Kind.NEXT_TOKEN:
            # a copy: of a view an exporter would ask whether it is the whole, as it is of the longest rows alone
            return outputs[:, torch.arange(x.shape[1], device=x.device)]
        if self.task.kind is Kind.REGRESSION:
            return outputs.squeeze(-1) * self.units.target_deviation + self.units.target_mean
        return outputs

    def _read(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, ...]:
        """What the network is called with."""
        if self.task.grid.rank != 1:
            return (self._standardized(x.movedim(1, -1)),)
        if lengths is None:
            lengths = torch.full_like(x.flatten(1)[:, 0], x.shape[1], dtype=torch.int64)
        behind = self.task.grid.length - x.shape[1]
        if self.mean is None:
            return F.pad(x, (0, behind)), lengths
        return F.pad(self._standardized(x), (0, 0, 0, behind)), lengths

    def _standardized(self, x: Tensor) -> Tensor:
        """Mean 0 and deviation 1 of each channel, the last axis; the mean stands for what is missing."""
        assert self.mean is not None and self.deviation is not None
        return torch.where(x.isnan(), 0.0, (x - self.mean) / self.deviation)


class EndMarked(nn.Module):
    """A predictor of padded rows with one input: behind its end a series holds NaN, and tokens hold -1."""

    def __init__(self, predictor: Predictor) -> None:
        super().__init__()
        self.predictor = predictor

    def forward(self, x: Tensor) -> Tensor:
        """See `Predictor.forward`; every row holds data in its first step."""
        held = x >= 0 if self.predictor.mean is None else ~x.isnan().all(-1)
        return self.predictor(x, held.sum(1))


def end_marked(x: Tensor, lengths: Tensor) -> Tensor:
    """Rows `(batch, steps, ...)` with NaN, or -1 for a token, behind the end of each."""
    behind = torch.arange(x.shape[1]) >= lengths[:, None]
    return x.masked_fill(behind[..., None], torch.nan) if x.is_floating_point() else x.masked_fill(behind, -1)
