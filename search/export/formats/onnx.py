"""ONNX: the graph of the network with its weights, for onnxruntime and whatever else reads it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from search.export.exportable import Exportable
from search.export.formats import FORMATS, Format
from search.export.graph import graph_of, quiet
from search.export.proof import largest_difference
from spaces import InvalidInput

FACTS = "penchant"
"""Key, in the model's metadata, of what `Exportable.to_json` tells."""
INPUTS = ("x", "lengths")
OUTPUT = "outputs"


@FORMATS.register("onnx")
class Onnx(Format):
    """One file that onnxruntime reads; needs the packages onnx, onnxscript and onnxruntime."""

    is_folder = False
    tolerance = 1e-4

    def write(self, exportable: Exportable, place: Path) -> float:
        """See `Format.write`."""
        _check_installed()
        model = _translated(exportable)
        model.metadata_props.add(key=FACTS, value=json.dumps(exportable.to_json()))
        content = model.SerializeToString()
        difference = largest_difference(exportable, _session(content), self.tolerance)
        place.write_bytes(content)
        return difference


def _check_installed() -> None:
    missing = [name for name in ("onnx", "onnxscript", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise InvalidInput(
            f"--format onnx: {' and '.join(missing)} not installed, expected them (pip install 'penchant[export]')"
        )


def _translated(exportable: Exportable) -> Any:
    """ONNX's description of the model.

    Raises:
        InvalidInput: ONNX has nothing for a step of the network.
    """
    graph = graph_of(exportable)
    names = list(INPUTS[: 1 + exportable.takes_lengths])
    try:
        with quiet():
            program = torch.onnx.export(graph, (), input_names=names, output_names=[OUTPUT], verbose=False)
    except Exception as error:  # of the exporter, which raises whatever it meets
        line = str(error).strip().splitlines()[0]
        raise InvalidInput(f"{exportable.name}: ONNX has no form for it ({line}); expected --format pt2") from error
    assert program is not None
    return program.model_proto


def _session(content: bytes) -> Callable[..., Tensor]:
    """What onnxruntime computes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]

    def run(*inputs: Tensor) -> Tensor:
        given = {name: each.numpy() for name, each in zip(names, inputs, strict=True)}
        return torch.from_numpy(session.run(None, given)[0])

    return run
