"""The folder of a single network: its code, its weights, and scripts to use and train it."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from search.export.exportable import Exportable, ExportableNetwork
from search.export.proof import NotTheSame
from search.export.python.data_file import data_file
from search.export.python.predict_file import predict_file
from search.export.python.readme import readme
from search.export.python.train_file import train_file
from spaces.export.source.formatting import format_folder
from spaces.export.source.network_source import source_of

ROWS = 7


def write_network(exportable: ExportableNetwork, place: Path, tolerance: float) -> float:
    """Writes the folder and runs what it wrote; see `search.export.formats.Format.write`."""
    preprocessing, task = exportable.preprocessing, exportable.dataset.task
    source = source_of(exportable.architecture, task, padded=preprocessing.padded)
    place.mkdir()
    texts = {
        "model.py": source.unformatted,
        "data.py": data_file(preprocessing),
        "train.py": train_file(preprocessing, exportable.recipe, exportable.steps),
        "predict.py": predict_file(preprocessing),
        "preprocessing.json": json.dumps(preprocessing.to_json(), indent=1) + "\n",
        "README.md": readme(exportable),
    }
    for name, text in texts.items():
        (place / name).write_text(text, encoding="utf-8")
    format_folder(place)
    weights = {name: tensor.contiguous() for name, tensor in source.weights(exportable.network.state_dict()).items()}
    save_file(weights, place / "weights.safetensors")
    return difference(exportable, written_network(place), tolerance)


def difference(exportable: Exportable, written: Callable[..., Tensor], tolerance: float) -> float:
    """How far outputs of what was written are from those of the original.

    Raises:
        NotTheSame: they are farther apart than that.
    """
    inputs = _inputs(exportable)
    with torch.no_grad():
        expected, found = exportable.network(*inputs), written(*inputs)
    apart = (found - expected).abs()
    if found.shape != expected.shape or bool((~(apart <= tolerance * (1 + expected.abs()))).any()):
        raise NotTheSame(f"{exportable.name}: the code written gives other outputs than the network (a fault of ours)")
    return float(apart.max())


def written_network(place: Path) -> nn.Module:
    """The network in a folder, with its weights, in evaluation mode."""
    network: nn.Module = runpy.run_path(str(place / "model.py"))["Network"]()  # an import would leave a __pycache__
    network.load_state_dict(load_file(place / "weights.safetensors"))
    return network.eval()


def _inputs(exportable: Exportable) -> tuple[Tensor, ...]:
    """Random rows as the network reads them."""
    task, generator = exportable.dataset.task, torch.Generator().manual_seed(0)
    if task.vocabulary is not None:
        x = torch.randint(task.vocabulary, (ROWS, *task.row_shape), generator=generator)
    else:
        x = torch.randn(ROWS, *task.row_shape, generator=generator)
    if not exportable.takes_lengths:
        return (x,)
    return x, torch.randint(1, task.grid.length + 1, (ROWS,), generator=generator)
