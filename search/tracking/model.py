"""Models: an exportable network as MLflow keeps it, for torch and MLflow alone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

from search.export.graph import quiet
from spaces.export.predictor import EndMarked, end_marked
from spaces.shapes import Kind

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

    from search.export.exportable import Exportable

PACKAGES = ("mlflow", "numpy", "torch")
"""What loads a model, in the versions that wrote it."""


def save_model(exportable: Exportable, folder: Path) -> None:
    """Writes a folder that `mlflow.pytorch.load_model` and `mlflow.pyfunc.load_model` read.

    It holds torch's exported program, which reads raw rows in batches of any size and, of sequences, any length up to
    the data's; a signature and an input example; and in its metadata what `Exportable.to_json` tells. MLflow's models
    of this kind have one input: where rows are padded, a series holds NaN behind its end, and tokens -1.

    Args:
        exportable: what leaves.
        folder: is not there yet.

    Raises:
        OSError: there is no room for it.
    """
    import mlflow.pytorch

    example = one_input(exportable.rows(3, max(2, exportable.dataset.task.grid.length - 1)))
    module = one_input_module(exportable)
    with quiet(), _saved_by_python():
        mlflow.pytorch.save_model(
            module,
            folder,
            serialization_format="pt2",
            input_example=example.numpy(),
            signature=_signature(module, example, exportable),
            pip_requirements=_requirements(),
            metadata=exportable.to_json(),
        )
    (folder / "preprocessing.json").write_text(json.dumps(exportable.preprocessing.to_json(), indent=2) + "\n")


@contextmanager
def _saved_by_python() -> Iterator[None]:
    """Programs that MLflow saves go through memory: torch's own writer ends the process where a disk is full."""
    save = torch.export.save

    def save_through_memory(program: ExportedProgram, path: str) -> None:
        content = io.BytesIO()
        save(program, content)
        Path(path).write_bytes(content.getbuffer())

    torch.export.save = save_through_memory  # type: ignore[assignment]
    try:
        yield
    finally:
        torch.export.save = save


def load_model(folder: Path) -> Callable[..., Tensor]:
    """The model in a folder; called like `Predictor.forward`."""
    import mlflow.pytorch

    module = mlflow.pytorch.load_model(str(folder))
    return lambda *rows: module(one_input(rows))


def one_input_module(exportable: Exportable) -> nn.Module:
    """The network from raw rows to outputs, called with one tensor."""
    predictor = exportable.predictor()
    return EndMarked(predictor).eval() if exportable.takes_lengths else predictor


def one_input(rows: tuple[Tensor, ...]) -> Tensor:
    """What `one_input_module` is called with for rows and, where they are padded, their lengths."""
    x, *lengths = rows
    return end_marked(x, lengths[0]) if lengths else x


def _signature(module: nn.Module, example: Tensor, exportable: Exportable) -> ModelSignature:
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    def schema(tensor: Tensor, free_axes: int) -> Schema:
        shape = (-1,) * free_axes + tuple(tensor.shape[free_axes:])
        return Schema([TensorSpec(tensor.numpy().dtype, shape)])

    with torch.no_grad():
        outputs = module(example)
    task = exportable.dataset.task
    return ModelSignature(
        inputs=schema(example, 2 if task.grid.rank == 1 else 1),
        outputs=schema(outputs, 2 if task.kind is Kind.NEXT_TOKEN else 1),
    )


def _requirements() -> list[str]:
    return [f"{name}=={version(name).partition('+')[0]}" for name in PACKAGES]
