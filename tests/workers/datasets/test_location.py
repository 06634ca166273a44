"""Locations: the paths in the names of data sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.datasets import located


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a.npz", "{}/a.npz"),
        ("b/a.CSV", "{}/b/a.CSV"),
        ("/b/a.parquet", "/b/a.parquet"),
        ("pets", "{}/pets"),
        ("iris", "iris"),
        ("none", "none"),
        ("n" * 5000, "n" * 5000),
        ("a\0b", "a\0b"),
        ("huggingface:./pets", "huggingface:{}/pets"),
        ("huggingface:/b/pets", "huggingface:/b/pets"),
        ("huggingface:pets", "huggingface:pets"),
        ("torchvision:MNIST", "torchvision:MNIST"),
        ("torchvision:MNIST:data", "torchvision:MNIST:{}/data"),
        ("torchvision:MNIST:/data", "torchvision:MNIST:/data"),
    ],
)
def test_a_path_is_seen_from_a_folder(tmp_path: Path, source: str, expected: str) -> None:
    """Files by their ending, folders that are there; a registered name or one of a library is left alone."""
    (tmp_path / "pets").mkdir()
    (tmp_path / "iris").mkdir()
    assert located(source, tmp_path) == expected.format(tmp_path)
