"""Exported programs: a predictor as torch's graph, for any number of rows and, of sequences, any number of steps."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram

from spaces.export.predictor import Predictor
from spaces.shapes import Task


def exported_program(predictor: Predictor, takes_lengths: bool) -> ExportedProgram:
    """The graph of a predictor in evaluation mode, with its weights.

    Args:
        predictor: what is exported.
        takes_lengths: whether the lengths of rows are a second input.
    """
    inputs = example_inputs(predictor.task, 3, max(2, predictor.task.grid.length - 1), takes_lengths)
    with torch.no_grad():
        return torch.export.export(predictor.eval(), inputs, dynamic_shapes=_free_shapes(predictor.task, takes_lengths))


def example_inputs(task: Task, rows: int, steps: int, takes_lengths: bool, seed: int = 0) -> tuple[Tensor, ...]:
    """Random rows as `Predictor.forward` takes them; of sequences with at most so many steps, of random lengths."""
    generator = torch.Generator().manual_seed(seed)
    steps = min(steps, task.grid.length)
    x: Tensor
    if task.vocabulary is not None:
        x = torch.randint(task.vocabulary, (rows, steps), generator=generator)
    else:
        positions = (steps,) if task.grid.rank == 1 else task.grid.positions
        x = torch.randn(rows, *positions, task.grid.channels, generator=generator)
        x = x.movedim(-1, 1) if task.grid.rank == 2 else x
    if not takes_lengths:
        return (x,)
    return x, torch.randint(1, steps + 1, (rows,), generator=generator)


def _free_shapes(task: Task, takes_lengths: bool) -> tuple[dict[int, Dim], ...]:
    """Which axes of the inputs may have other extents than those traced."""
    batch = Dim("batch", min=1)
    x = {0: batch}
    if task.grid.rank == 1 and task.grid.length > 1:
        x[1] = Dim("steps", min=1, max=task.grid.length)
    return (x, {0: batch}) if takes_lengths else (x,)
