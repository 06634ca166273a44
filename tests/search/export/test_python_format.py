"""`--format python`: a folder that runs, trains and predicts where nothing of ours is."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from spaces import landmark

ROOT = Path(__file__).parents[3]
LANDMARKS = {
    "image": "separable_cnn",
    "series": "tcn",
    "padded series": "bilstm_attention",
    "tokens": "transformer",
    "padded tokens": "linear_transformer",
    "next token": "transformer",
    "tabular": "deep_fnn",
    "regression": "transformer",
    "table": "deep_fnn",
}


@pytest.fixture(scope="module")
def exports() -> Any:
    """benchmarks/exports.py, which does the same with hundreds of networks."""
    specification = importlib.util.spec_from_file_location("exports", ROOT / "benchmarks" / "exports.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["exports"] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(exports, tmp_path_factory) -> Path:
    """A folder for each kind of data, with recipes of every augmentation among them."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("exports")
    for number, (kind, (dataset, arrays)) in enumerate(exports.datasets(folder).items()):
        exports.export(landmark(LANDMARKS[kind], dataset.task), dataset, arrays, number + 1, folder / f"{number:04d}")
    return folder


def test_they_run_alone(exports, folder):
    """In a process without ours: the same outputs, strict loading, rows prepared alike, two steps of training."""
    report = exports.checked(sys.executable, folder)
    assert report["failed"] == []
    assert report["trained"] == len(LANDMARKS)
    assert report["largest_difference"] <= 1e-6


def test_they_are_well_kept(exports, folder):
    """Ruff has nothing to say of the files, nor of their format; functions are short."""
    assert exports.complaints(folder, types=False) == []
    assert np.median(exports.function_lengths(folder)) <= 12


def test_the_readme_tells_how_to_use_them(folder):
    """What the files are, what rows look like, the recipe, the architecture and versions."""
    for place in folder.glob("0*"):
        text = (place / "README.md").read_text()
        for part in ("## Use", "train it before you use it", "## Recipe", "## Licence", "torch 2", "| `model.py` |"):
            assert part in text, place
        preprocessing = json.loads((place / "preprocessing.json").read_text())
        assert all(f"`{column['name']}`" in text for column in preprocessing["columns"] or [])


def test_a_landmark_leaves_by_the_command(penchant, tmp_path):
    """`penchant export` writes the folder whole and says how near its outputs are."""
    place = tmp_path / "lenet"
    code, output, error = penchant("export", "lenet", "--data", "digits", "--format", "python", "--output", str(place))
    assert (code, error) == (0, "")
    assert "its outputs differ from the network's by at most" in output
    names = {"model.py", "weights.safetensors", "data.py", "train.py", "predict.py", "preprocessing.json", "README.md"}
    assert {each.name for each in place.iterdir()} == names
