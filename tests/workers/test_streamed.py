"""Streamed images: read batch by batch, and otherwise like images in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from spaces import landmark
from workers import streamed
from workers.datasets import Dataset, from_arrays
from workers.datasets.mapped_images import open_images, write_images
from workers.recipe import Recipe
from workers.rows import Rows
from workers.streamed import StreamedImages, channel_standardization
from workers.trainer import Trainer

SHAPE = (60, 6, 5, 3)


@pytest.fixture
def pixels() -> np.ndarray:
    pixels = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
    pixels[:30] //= 2  # the first class is darker
    pixels[..., 2] = 77
    return pixels


@pytest.fixture
def pair(pixels: np.ndarray, tmp_path: Path) -> tuple[Dataset, Dataset]:
    """The same images in memory and in files."""
    in_memory = from_arrays("images", np.moveaxis(pixels, -1, 1), np.repeat(["dark", "light"], 30))
    maps = {}
    for name, x in (("x", in_memory.x), ("x_test", in_memory.x_test)):
        write_images(tmp_path / name, x.shape, x.astype(np.uint8))
        maps[name] = open_images(tmp_path / name)
    return in_memory, replace(in_memory, **maps)


def test_streamed_rows_are_those_in_memory(pair: tuple[Dataset, Dataset]):
    """Every part has the same standardized numbers, however it is indexed, and pixels stay where they are."""
    in_memory, mapped = (Rows.of(dataset, 2) for dataset in pair)
    for name in ("train", "search", "confirm", "test"):
        expected, found = getattr(in_memory, name), getattr(mapped, name)
        assert isinstance(found.x, StreamedImages)
        assert isinstance(found.x.pixels, np.memmap)
        assert torch.equal(found.y, expected.y)
        for rows in (slice(None), slice(1, 3), torch.tensor([2, 0])):
            torch.testing.assert_close(found.inputs(rows)[0], expected.x[rows], rtol=0, atol=1e-5)


def test_channels_are_measured_chunk_by_chunk(pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    """Over the rows named alone, as numpy measures them; a constant channel has a deviation of 1."""
    monkeypatch.setattr(streamed, "CHUNK_ROWS", 7)
    rows = np.arange(1, 60, 2)
    found, chosen = channel_standardization(pixels, rows), pixels[rows].reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(found.mean, chosen.mean(0), rtol=1e-6)
    np.testing.assert_allclose(found.deviation, [*chosen.std(0)[:2], 1.0], rtol=1e-6)


def test_a_network_learns_from_streamed_images(pair: tuple[Dataset, Dataset]):
    """It ends in the same weights, but for rounding, as on the same images in memory."""
    weights = []
    for dataset in pair:
        torch.manual_seed(0)
        network = landmark("deep_fnn").build(dataset.task)
        Trainer(network, Recipe(augmentation="shift"), Rows.of(dataset, 0).to(torch.device("cpu")), 6, seed=1).run(6)
        weights.append([weight.detach() for weight in network.parameters()])
    torch.testing.assert_close(*weights, rtol=0, atol=1e-3)
