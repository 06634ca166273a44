"""Torchvision's sets: by the library itself where it is installed, and by a stand-in with its documented interface."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from spaces.errors import InvalidInput
from spaces.shapes import Grid
from workers.datasets import images, load_dataset

PIXELS = np.random.default_rng(0).integers(0, 256, (16, 4, 6), dtype=np.uint8)
LABELS = np.arange(16) % 2


class Shapes:
    """A set of two parts, made and read as torchvision.datasets.MNIST is."""

    classes = ("round", "square")

    def __init__(self, root: str, train: bool = True, download: bool = False) -> None:
        print("downloading")
        if not Path(root).is_dir():
            raise RuntimeError(f"no folder\n{root}")
        self._rows = slice(None) if train else slice(3)

    def __len__(self) -> int:
        return len(LABELS[self._rows])

    def __getitem__(self, row: int) -> tuple[Image.Image, int]:
        return Image.fromarray(PIXELS[self._rows][row]), int(LABELS[self._rows][row])


class Splits:
    """A set that is made in another way, as torchvision.datasets.SVHN is."""

    def __init__(self, root: str, split: str = "train", download: bool = False) -> None:
        raise AssertionError


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("torchvision.datasets")
    library.Shapes, library.Splits, library.__all__ = Shapes, Splits, ("Shapes", "Splits")
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.datasets", library)


@pytest.mark.usefixtures("stand_in")
def test_both_parts_are_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From PENCHANT_HOME/data, classes by their names; standard output is left to others."""
    (home / "data").mkdir(parents=True)
    dataset = load_dataset("torchvision:Shapes")

    assert (dataset.name, dataset.modality, dataset.labels) == ("Shapes", "image", ("round", "square"))
    np.testing.assert_array_equal(dataset.x[..., 0], PIXELS)
    np.testing.assert_array_equal(dataset.x_test[..., 0], PIXELS[:3])
    assert dataset.y.tolist() == LABELS.tolist()
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("stand_in")
def test_images_too_large_to_hold_stay_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of a folder do: decoded once, also where the root is told from another folder on."""
    monkeypatch.setattr(images, "LIMIT_BYTES", 0)
    dataset = load_dataset(f"torchvision:Shapes:{tmp_path}")

    assert isinstance(dataset.x, np.memmap)
    np.testing.assert_array_equal(dataset.x[..., 0], PIXELS)
    monkeypatch.setattr("workers.datasets.images.write_images", None)
    monkeypatch.chdir(tmp_path.parent)
    assert load_dataset(f"torchvision:Shapes:{tmp_path.name}").fingerprint == dataset.fingerprint


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("torchvision:Shape", r"^torchvision:Shape: unknown set 'Shape': expected .* \(did you mean 'Shapes'\?\)$"),
        ("torchvision:__name__", r"^torchvision:__name__: unknown set"),
        ("torchvision:Splits", r"^torchvision:Splits: found a set without train and test part"),
        ("torchvision:Shapes:/none", r"^torchvision:Shapes:/none: cannot be loaded from /none \(no folder\): expected"),
    ],
)
def test_sets_that_cannot_be_read_are_refused(source: str, line: str) -> None:
    """A name that is none, a set without the two parts, files that are not there."""
    with pytest.raises(InvalidInput, match=line):
        load_dataset(source)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(InvalidInput) as caught:
        load_dataset("torchvision:MNIST")
    assert str(caught.value) == (
        "found torchvision:MNIST: expected the package 'torchvision' (pip install penchant[torchvision])"
    )


def test_a_library_that_does_not_fit_torch_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One built for another torch fails on import."""
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("raise RuntimeError('operator nms does not exist')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(
        InvalidInput, match=r"the package 'torchvision' cannot be imported \(operator nms does not exist"
    ):
        load_dataset("torchvision:MNIST")


def write_idx(path: Path, values: NDArray[np.uint8]) -> None:
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    path.write_bytes(header + values.tobytes())


def test_the_library_reads_files_of_mnist(tmp_path: Path) -> None:
    """Its own class, on files in the format of the original."""
    pytest.importorskip("torchvision", reason="torchvision is an optional extra")
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, rows in (("train", slice(None)), ("t10k", slice(3))):
        write_idx(raw / f"{part}-images-idx3-ubyte", PIXELS[rows])
        write_idx(raw / f"{part}-labels-idx1-ubyte", LABELS[rows].astype(np.uint8))
    dataset = load_dataset(f"torchvision:MNIST:{tmp_path}")

    assert dataset.labels == ("0 - zero", "1 - one")
    assert dataset.task.grid == Grid((4, 6), 1)
    np.testing.assert_array_equal(dataset.x[..., 0], PIXELS)
    np.testing.assert_array_equal(dataset.x_test[..., 0], PIXELS[:3])
